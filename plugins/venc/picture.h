// SPDX-License-Identifier: LGPL-2.1-or-later
/// From GStreamer's words for video to an encoder session's.
#pragma once

#include "plugins/venc/rules.h"

#include <gst/video/video.h>

namespace panto::venc
{

/// The caps' name of what sessions can take.
const char *format_name(Pixels pixels);

/// What raw caps say; nothing when no session takes them.
std::optional<Video> video_of(Codec codec, const GstVideoInfo &info);

/// The buffer as a session takes it, with a reference to it. `why_copied` says why the encoder
/// cannot read it where it lies, though it is a DMABUF; else it is empty.
Picture picture_of(GstBuffer *buffer, const GstVideoInfo &info, Codec codec, const Video &video,
                   std::string &why_copied);

} // namespace panto::venc
