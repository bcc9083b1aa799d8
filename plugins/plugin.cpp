// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/plugin.h"

#include "plugins/hidsink/hidsink.h"
#include "plugins/kvmsrc/kvmsrc.h"
#include "plugins/mjpegdetect/mjpegdetect.h"
#include "plugins/rtphdrext/rtphdrext.h"
#include "plugins/texthid/texthid.h"
#include "plugins/turbojpegenc/turbojpegenc.h"

gboolean pantograph_register_elements(GstPlugin *plugin)
{
    return GST_ELEMENT_REGISTER(hidsink, plugin) & GST_ELEMENT_REGISTER(kvmsrc, plugin) &
           GST_ELEMENT_REGISTER(mjpegdetect, plugin) &
           GST_ELEMENT_REGISTER(rtphdrextabscapturetime, plugin) &
           GST_ELEMENT_REGISTER(rtphdrextplayoutdelay, plugin) &
           GST_ELEMENT_REGISTER(texthid, plugin) & GST_ELEMENT_REGISTER(turbojpegenc, plugin);
}

#define PACKAGE "pantograph"
GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, pantograph,
                  "Capture and input elements for KVM-over-IP", pantograph_register_elements,
                  PACKAGE_VERSION, "LGPL", "pantograph", "https://pantograph.invalid/")
