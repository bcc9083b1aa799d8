// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/http/access.h"

#include "daemon/http/peer.h"
#include "daemon/http/trace.h"
#include "daemon/observe/log.h"

namespace panto::http
{

namespace
{

/// When nobody has said why: what libsoup refuses by itself.
std::string cause(SoupServerMessage *m)
{
    if (const Trace &trace = trace_of(m); !trace.why.empty())
        return trace.why;
    if (soup_server_message_get_status(m) != SOUP_STATUS_BAD_REQUEST)
        return "";
    SoupMessageHeaders *h = soup_server_message_get_request_headers(m);
    return soup_message_headers_header_contains(h, "Upgrade", "websocket")
               ? "no WebSocket handshake"
               : "request line or header makes no sense";
}

/// The path only, as a query may hold anything.
void log_request(SoupServerMessage *m, unsigned status, std::string why)
{
    Peer *peer = peer_of(m);
    if (peer)
        peer->http = true;
    const char *method = soup_server_message_get_method(m);
    GUri *uri = soup_server_message_get_uri(m); // none when the request was nonsense
    std::string line = method ? method : "?";
    line += " ";
    line += uri ? g_uri_get_path(uri) : "?";
    LogFields fields;
    fields.reserve(5);
    fields.push_back({"status", status ? std::to_string(status) : "none"});
    fields.push_back({"peer", peer ? peer->address : ""});
    if (!why.empty())
        fields.push_back({"why", std::move(why)});
    const Trace &trace = trace_of(m);
    if (!trace.route || trace.user.empty() || !unsafe(method ? method : ""))
        return log_often("http", line, fields);
    fields.push_back({"user", trace.user}); // who did what is there whatever becomes of us next
    fields.push_back({"action", id_of(*trace.route)});
    log_info("http", line, fields);
}

const char *words(const GError *error)
{
    switch (error->code) {
    case SOUP_WEBSOCKET_CLOSE_BAD_DATA:
        return "text that is not UTF-8";
    case SOUP_WEBSOCKET_CLOSE_TOO_BIG:
        return "message too long";
    default:
        return "bad frame: no mask, unknown opcode, or bits that mean nothing";
    }
}

} // namespace

std::vector<Connection> log_requests(SoupServer *server, Traffic &traffic)
{
    const auto finished = +[](SoupServer *, SoupServerMessage *m, Traffic *counts) {
        if (Peer *peer = peer_of(m)) {
            if (peer->over)
                return; // what ended between two requests brought no other
            peer->between = true;
            peer->hold(false);
            if (peer->guest)
                peer->guest->awaits_head();
        }
        const unsigned status = soup_server_message_get_status(m);
        log_request(m, status, cause(m));
        const Trace &trace = trace_of(m);
        counts->count(trace.route, status,
                      double(g_get_monotonic_time() - trace.since_us) / G_USEC_PER_SEC);
    };
    const auto aborted = +[](SoupServer *, SoupServerMessage *m) {
        const Peer *peer = peer_of(m);
        if (peer && peer->over)
            return;
        log_request(m, 0, peer && peer->late ? peer->late : "the connection ended too early");
    };
    std::vector<Connection> both;
    both.emplace_back(server,
                      g_signal_connect(server, "request-finished", G_CALLBACK(finished), &traffic));
    both.emplace_back(server,
                      g_signal_connect(server, "request-aborted", G_CALLBACK(aborted), nullptr));
    return both;
}

void log_taken_over(SoupServerMessage *message, unsigned status, Traffic &traffic)
{
    log_request(message, status, cause(message));
    traffic.count(trace_of(message).route, status, 0);
}

void log_protocol_errors(SoupWebsocketConnection *connection, const std::string &path,
                         const std::string &peer)
{
    using Place = std::pair<std::string, std::string>;
    g_signal_connect_data(
        connection, "error",
        G_CALLBACK(+[](SoupWebsocketConnection *, GError *error, const Place *place) {
            if (error->domain == SOUP_WEBSOCKET_ERROR) // else the network's doing
                log_info("http", "socket broken off",
                         {{"path", place->first}, {"peer", place->second}, {"why", words(error)}});
        }),
        new Place{path, peer}, [](gpointer p, GClosure *) { delete static_cast<Place *>(p); },
        GConnectFlags(0));
}

} // namespace panto::http
