// SPDX-License-Identifier: LGPL-2.1-or-later
/// The log's one line for each request.
///
/// The line of a request that may change something says whose session it came with, and which
/// action of the route table it was: who did what is there to be found.
///
/// Drops    what a peer sent: the line says method, path, status, peer and cause, nothing more
/// Threads  main loop only
#pragma once

#include "daemon/http/traffic.h"
#include "lib/glib/ref.h"

#include <libsoup/soup.h>
#include <string>
#include <vector>

namespace panto::http
{

/// Logs and counts requests until the Connections die.
std::vector<Connection> log_requests(SoupServer *server, Traffic &traffic);

/// The same for one whose connection goes on as a stream or a WebSocket, or ends at once: libsoup
/// tells nobody.
void log_taken_over(SoupServerMessage *message, unsigned status, Traffic &traffic);

/// Logs why a WebSocket's peer broke its protocol; path is where it came in.
void log_protocol_errors(SoupWebsocketConnection *connection, const std::string &path,
                         const std::string &peer);

} // namespace panto::http
