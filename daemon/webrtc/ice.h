// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/config/schema.h"

#include <gst/gst.h>
#include <string>

namespace panto::webrtc
{

/// Tells a webrtcbin where to look for candidates: at its own addresses, and at the STUN and TURN
/// servers of the configuration, if there are any. local_address pins them to one, "" takes all.
void set_up_ice(GstElement *webrtc, const config::Ice &ice, const std::string &local_address);

} // namespace panto::webrtc
