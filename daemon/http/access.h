// SPDX-License-Identifier: LGPL-2.1-or-later
/// The log's one line for each request, and for each connection that brought something else.
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

/// The same for one whose connection goes on as a stream or a WebSocket: libsoup tells nobody.
void log_taken_over(SoupServerMessage *message, unsigned status, Traffic &traffic);

/// The peer's address as text.
std::string address_text(GSocketAddress *remote);

/// Watches a new connection: libsoup does not tell about bytes that are no request.
void watch_arrival(GSocketConnection *connection, GSocketAddress *remote);
/// The same for one that speaks TLS by now.
void watch_arrival(GSocketAddress *remote);
/// To be called once libsoup has the connection: it has read what came just before that.
void look_back(GSocketConnection *connection, GSocketAddress *remote);
/// We end the connection, as its peer was too slow: the line for it says why.
void note_late(GSocketAddress *remote, const char *why);
/// The connection that the message came over speaks HTTP.
void note_http(SoupServerMessage *message);

/// Logs why a WebSocket's peer broke its protocol; path is where it came in.
void log_protocol_errors(SoupWebsocketConnection *connection, const std::string &path,
                         const std::string &peer);

} // namespace panto::http
