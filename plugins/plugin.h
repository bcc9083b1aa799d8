// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>

/// Registers every element of libgstpantograph.so; plugin is null in the element tests.
gboolean pantograph_register_elements(GstPlugin *plugin);
