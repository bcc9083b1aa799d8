// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/http/access.h"

#include "daemon/http/ending_stream.h"
#include "daemon/http/trace.h"
#include "daemon/observe/log.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace panto::http
{

namespace
{

constexpr char kArrivalKey[] = "pantograph-arrival";
constexpr unsigned char kTlsHandshake = 0x16; // Source: RFC 8446, 5.1

/// What a connection brought so far. Lives as long as the peer's address, which libsoup and the
/// socket share.
struct Arrival {
    std::string peer;
    bool tls = false;   ///< what is in it cannot be looked at
    int first = -1;     ///< the first byte; -1 while there is none
    bool taken = false; ///< libsoup read it before we could look
    bool http = false;
    const char *late = nullptr; ///< why it was ended

    ~Arrival()
    {
        if (http || (first < 0 && !taken && !(tls && late)))
            return;
        log_info("http", "no request",
                 {{"peer", peer},
                  {"why", first == kTlsHandshake ? "TLS, which is not spoken here"
                          : late                 ? late
                                                 : "no whole HTTP request"}});
    }

    /// Looks at what waits and leaves it there.
    void look(GSocket *socket)
    {
        unsigned char byte = 0;
        if (::recv(g_socket_get_fd(socket), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 1)
            first = byte;
    }

    /// Whether there was something to look at that is no longer there.
    void look_back(GSocket *socket)
    {
        tcp_info info{};
        socklen_t size = sizeof info;
        look(socket);
        taken = first < 0 &&
                ::getsockopt(g_socket_get_fd(socket), IPPROTO_TCP, TCP_INFO, &info, &size) == 0 &&
                info.tcpi_bytes_received > 0;
    }
};

Arrival *arrival_of(GSocketAddress *remote)
{
    return static_cast<Arrival *>(remote ? g_object_get_data(G_OBJECT(remote), kArrivalKey)
                                         : nullptr);
}

Arrival *new_arrival(GSocketAddress *remote, bool tls)
{
    auto *arrival = new Arrival{address_text(remote), tls};
    g_object_set_data_full(G_OBJECT(remote), kArrivalKey, arrival,
                           [](gpointer p) { delete static_cast<Arrival *>(p); });
    return arrival;
}

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
void log_request(SoupServerMessage *m, const std::string &status, const std::string &why)
{
    note_http(m);
    const char *peer = soup_server_message_get_remote_host(m);
    const char *method = soup_server_message_get_method(m);
    GUri *uri = soup_server_message_get_uri(m); // none when the request was nonsense
    const std::string line =
        std::string{method ? method : "?"} + " " + (uri ? g_uri_get_path(uri) : "?");
    LogFields fields{{"status", status}, {"peer", peer ? peer : ""}};
    if (!why.empty())
        fields.push_back({"why", why});
    const Trace &trace = trace_of(m);
    if (trace.route && !trace.user.empty() && unsafe(method ? method : "")) {
        fields.push_back({"user", trace.user});
        fields.push_back({"action", id_of(*trace.route)});
    }
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

std::string address_text(GSocketAddress *remote)
{
    if (!G_IS_INET_SOCKET_ADDRESS(remote))
        return "";
    g_autofree char *text =
        g_inet_address_to_string(g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(remote)));
    return text;
}

std::vector<Connection> log_requests(SoupServer *server, Traffic &traffic)
{
    const auto finished = +[](SoupServer *, SoupServerMessage *m, Traffic *counts) {
        if (Turn *turn = turn_of(soup_server_message_get_remote_address(m))) {
            if (turn->over)
                return; // what ended between two requests brought no other
            turn->between = true;
        }
        const unsigned status = soup_server_message_get_status(m);
        log_request(m, std::to_string(status), cause(m));
        const Trace &trace = trace_of(m);
        counts->count(trace.route, status,
                      double(g_get_monotonic_time() - trace.since_us) / G_USEC_PER_SEC);
    };
    const auto aborted = +[](SoupServer *, SoupServerMessage *m) {
        const Turn *turn = turn_of(soup_server_message_get_remote_address(m));
        if (turn && turn->over)
            return;
        const Arrival *arrival = arrival_of(soup_server_message_get_remote_address(m));
        log_request(m, "none",
                    arrival && arrival->late ? arrival->late : "the connection ended too early");
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
    log_request(message, std::to_string(status), "");
    traffic.count(trace_of(message).route, status, 0);
}

void watch_arrival(GSocketConnection *connection, GSocketAddress *remote)
{
    GSocket *socket = g_socket_connection_get_socket(connection);
    Arrival *arrival = new_arrival(remote, false);
    arrival->look(socket);
    if (arrival->first >= 0)
        return;
    // Before libsoup reads: a higher priority. The source keeps the socket, and that the address.
    GSource *source = g_socket_create_source(socket, G_IO_IN, nullptr);
    g_source_set_priority(source, G_PRIORITY_HIGH);
    const GSocketSourceFunc readable = [](GSocket *s, GIOCondition, gpointer p) -> gboolean {
        static_cast<Arrival *>(p)->look(s);
        return G_SOURCE_REMOVE;
    };
    g_source_set_callback(source, G_SOURCE_FUNC(readable), arrival, nullptr);
    g_source_attach(source, nullptr);
    g_source_unref(source);
}

void look_back(GSocketConnection *connection, GSocketAddress *remote)
{
    GSocket *socket = g_socket_connection_get_socket(connection);
    Arrival *arrival = arrival_of(remote);
    if (arrival && arrival->first < 0 && !g_socket_is_closed(socket))
        arrival->look_back(socket);
}

void watch_arrival(GSocketAddress *remote)
{
    new_arrival(remote, true);
}

void note_http(SoupServerMessage *message)
{
    if (Arrival *arrival = arrival_of(soup_server_message_get_remote_address(message)))
        arrival->http = true;
}

void note_late(GSocketAddress *remote, const char *why)
{
    if (Arrival *arrival = arrival_of(remote))
        arrival->late = why;
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
