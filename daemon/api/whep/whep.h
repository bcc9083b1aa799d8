// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/control/modes.h"
#include "daemon/http/route.h"
#include "daemon/http/session.h"
#include "daemon/webrtc/viewers.h"

#include <vector>

namespace panto::api
{

/// The WHEP door: POST an SDP offer to /whep, PATCH candidates to the Location, DELETE it to end.
///
/// Source   draft-ietf-wish-whep
std::vector<http::Route> whep_routes(webrtc::Viewers &viewers, control::Modes &modes,
                                     http::Sessions &sessions);

} // namespace panto::api
