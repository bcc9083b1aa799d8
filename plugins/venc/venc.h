// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>

/// Registers vench264enc, vench265enc and vencjpegenc; plugin is null in the element tests.
gboolean pantograph_register_venc(GstPlugin *plugin);

/// Theirs: preferred to software only where the library is there and its devices can be opened.
GstRank pantograph_venc_rank();
