// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/api/audience.h"
#include "daemon/http/route.h"
#include "daemon/http/session.h"
#include "daemon/webrtc/viewers.h"

#include <vector>

namespace panto::api
{

/// The WHEP door: POST an SDP offer to /whep, PATCH candidates to the Location, DELETE it to end.
///
/// Errors   POST: 400 no offer, 406 nothing we can send, 415, 503 too many viewers, 504 no answer;
///          PATCH: 400 no fragment, 404, 412 another's ETag, 415, 422 ICE restart, 428 none.
///          The session's token may come as a cookie or as a Bearer token.
/// Source   draft-ietf-wish-whep; RFC 9725, section 4, and 4.6 for the Link fields that name the
///          STUN and TURN servers of the configuration
std::vector<http::Route> whep_routes(webrtc::Viewers &viewers, Audience &audience,
                                     http::Sessions &sessions);

} // namespace panto::api
