// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>

namespace panto::webrtc
{

/// Makes webrtcbin only send what comes out of `rtp`, which the pipeline file links to it, and
/// answer with these caps. `stream` names the media stream: browsers keep what is in one in step.
void send_only(GstElement *rtp, GstCaps *answer, const char *stream, bool resends);

} // namespace panto::webrtc
