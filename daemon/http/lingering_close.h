// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/http/request.h"
#include "daemon/http/traffic.h"

#include <libsoup/soup.h>
#include <memory>

namespace panto::http
{

/// Answers a request before its body has come, where libsoup would read all of that first, and ends
/// the connection: after the answer our side ends, and a little of what the peer still sends is
/// read and thrown away, so that it finds the answer and no reset. One that waits for a 100 gets
/// the answer instead. Source: RFC 9112, 9.6
///
/// One that has no body is left to libsoup. Else the message is paused at once, and taken from
/// libsoup at the main loop's next turn, if the server has not stopped by then.
///
/// Units    reads 8 MiB at the most, and waits 2 s for the peer to close
/// Threads  main loop only
void refuse_early(SoupServerMessage *message, const Response &response,
                  std::shared_ptr<const bool> stopped, Traffic &traffic);

} // namespace panto::http
