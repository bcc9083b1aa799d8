// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>

namespace panto::webrtc
{

/// Keeps the packets of a picture together on their way through webrtcbin, from the payloader to
/// its socket: as one list they pass each of its elements once.
///
/// webrtcbin has them pass elements for forward error correction, too. With none agreed upon, and
/// none ever is here, these hand on what comes as it is, but do not know lists.
///
/// Threads  to be called before webrtcbin makes its streams
void keep_packets_together(GstElement *webrtcbin);

} // namespace panto::webrtc
