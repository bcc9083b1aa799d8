// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/venc/venc.h"

#define PACKAGE "pantograph"
GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, pantographvenc,
                  "Hardware encoders of KVM-over-IP boards", pantograph_register_venc,
                  PACKAGE_VERSION, "LGPL", "pantograph", "https://pantograph.invalid/")
