// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <atomic>
#include <glib.h>
#include <gst/gst.h>
#include <memory>

namespace panto::webrtc
{

/// When a peer's last RTCP report came, as g_get_monotonic_time() says it; now, to begin with.
using LastReport = std::shared_ptr<std::atomic<gint64>>;

/// Notes from now on when RTCP comes, on webrtcbin's threads.
LastReport note_reports(GstElement *webrtcbin);

} // namespace panto::webrtc
