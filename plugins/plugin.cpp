// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/plugin.h"

gboolean pantograph_register_elements(GstPlugin *plugin)
{
    (void)plugin;
    return TRUE;
}

#define PACKAGE "pantograph"
GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, pantograph,
                  "Capture and input elements for KVM-over-IP", pantograph_register_elements,
                  PACKAGE_VERSION, "LGPL", "pantograph", "https://pantograph.invalid/")
