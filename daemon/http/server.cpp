// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/http/server.h"

#include "daemon/http/access.h"
#include "daemon/http/ending_stream.h"
#include "daemon/http/intake.h"
#include "daemon/http/lingering_close.h"
#include "daemon/http/message.h"
#include "daemon/http/origins.h"
#include "daemon/http/parked.h"
#include "daemon/http/peer.h"
#include "daemon/http/socket.h"
#include "daemon/http/static.h"
#include "daemon/http/stream.h"
#include "daemon/http/trace.h"
#include "daemon/observe/log.h"

#include <gio/gunixsocketaddress.h>
#include <unistd.h>

namespace panto::http
{

namespace
{

constexpr auto kSessionCheck = std::chrono::seconds{5};
constexpr size_t kMaxBodyBytes = 1 << 20;
constexpr size_t kShortBody = 64 << 10; // is read before a refusal, and keeps the connection
constexpr char kRequestKey[] = "pantograph-request";

Response text(unsigned status, std::string body, std::string why)
{
    return {status, "text/plain; charset=utf-8", std::move(body), {}, std::move(why)};
}

Response too_long()
{
    return text(413, "request body too large\n", "body too long");
}

bool wants_websocket(SoupServerMessage *message)
{
    SoupMessageHeaders *h = soup_server_message_get_request_headers(message);
    return soup_message_headers_header_contains(h, "Upgrade", "websocket");
}

/// Whether a request that came without TLS is served although there is TLS.
bool may_be_plain(SoupServerMessage *message, const Route *route)
{
    const char *from = soup_server_message_get_remote_host(message);
    return route && route->handler.inside && from && is_loopback(from);
}

/// libsoup keeps a connection for another request only while it listens itself: it gets a socket
/// whose name is gone before anybody could connect to it.
void keep_connections(SoupServer *server)
{
    char folder[] = "/tmp/pantograph-XXXXXX";
    if (!g_mkdtemp(folder))
        return log_warning("http", "each request needs a connection of its own: no room in /tmp");
    const std::string path = std::string{folder} + "/none";
    const Owned<GSocketAddress, g_object_unref> address{g_unix_socket_address_new(path.c_str())};
    const auto socket = Ref<GSocket>::adopt(g_socket_new(G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM,
                                                         G_SOCKET_PROTOCOL_DEFAULT, nullptr));
    GError *raw = nullptr;
    if (!socket || !g_socket_bind(socket.get(), address.get(), FALSE, &raw) ||
        !g_socket_listen(socket.get(), &raw) ||
        !soup_server_listen_socket(server, socket.get(), SoupServerListenOptions(0), &raw))
        log_warning("http", std::string{"each request needs a connection of its own: "} +
                                (raw ? raw->message : "no socket"));
    g_clear_error(&raw);
    unlink(path.c_str());
    rmdir(folder);
}

} // namespace

Server::Server(Judge judge, Site site, unsigned share)
    : judge_{std::move(judge)}, pages_{std::move(site)},
      soup_{Ref<SoupServer>::adopt(soup_server_new("server-header", "pantograph", nullptr))},
      crowd_{share}, listener_{[this](auto *connection, auto *remote) {
          accept(connection, remote);
      }},
      inside_listener_{[this](auto *connection, auto *remote) { accept(connection, remote); }},
      tls_listener_{[this](auto *connection, auto *remote) { accept_tls(connection, remote); }},
      watcher_{every(kSessionCheck, [this] { expire_sessions(); })}
{
    keep_connections(soup_.get());
    log_ = log_requests(soup_.get(), traffic_);
    soup_server_remove_websocket_extension(soup_.get(), SOUP_TYPE_WEBSOCKET_EXTENSION_DEFLATE);
    listen_on_path(nullptr);
}

Server::~Server()
{
    stop();
}

void Server::listen_on_path(const char *path)
{
    soup_server_add_early_handler(
        soup_.get(), path,
        [](SoupServer *, SoupServerMessage *m, const char *p, GHashTable *q, gpointer self) {
            static_cast<Server *>(self)->early(m, p, q);
        },
        this, nullptr);
    soup_server_add_handler(
        soup_.get(), path,
        [](SoupServer *, SoupServerMessage *m, const char *p, GHashTable *q, gpointer self) {
            static_cast<Server *>(self)->handle(m, p, q);
        },
        this, nullptr);
}

void Server::add(std::vector<Route> routes)
{
    for (Route &r : routes) {
        const Route &route = routes_.add(std::move(r));
        if (!std::holds_alternative<Open>(route.handler.answer))
            continue;
        // Only here: libsoup takes every request below such a path for a handshake that it has to
        // refuse, unless handle() has set a status by then.
        listen_on_path(route.path);
        soup_server_add_websocket_handler(
            soup_.get(), route.path, nullptr, nullptr,
            [](SoupServer *, SoupServerMessage *m, const char *p, SoupWebsocketConnection *c,
               gpointer self) { static_cast<Server *>(self)->upgraded(m, p, c); },
            this, nullptr);
    }
}

void Server::accept(GSocketConnection *connection, GSocketAddress *remote)
{
    if (admit(crowd_, g_socket_connection_get_socket(connection), remote))
        hand_over(G_IO_STREAM(connection), remote);
}

void Server::hand_over(GIOStream *connection, GSocketAddress *remote)
{
    const Owned<GIOStream, g_object_unref> stream{ending_stream(connection, remote)};
    // libsoup wants an address of ours, too, but asking the kernel for it costs a call for each
    // connection: those few who need it ask their Peer.
    static GSocketAddress *const ours = g_inet_socket_address_new_from_string("::", 0);
    soup_server_accept_iostream(soup_.get(), stream.get(), ours, remote, nullptr);
}

void Server::accept_tls(GSocketConnection *connection, GSocketAddress *remote)
{
    Peer *peer = admit(crowd_, g_socket_connection_get_socket(connection), remote);
    if (!peer)
        return;
    const auto kept = std::make_shared<Owned<GSocketAddress, g_object_unref>>(
        G_SOCKET_ADDRESS(g_object_ref(remote)));
    start_tls(connection, certificate_.get(), peer->address,
              [this, peer, kept, stopped = stopped_](GIOStream *tls) {
                  if (*stopped)
                      return;
                  peer->tls = true;
                  hand_over(tls, kept->get());
              });
}

Result<> Server::listen_tls(const std::string &host, unsigned port,
                            Ref<GTlsCertificate> certificate)
{
    PANTO_TRY(listening, tls_listener_.listen(host, port));
    (void)listening;
    certificate_ = std::move(certificate);
    return ok;
}

void Server::stop_tls()
{
    tls_listener_.stop();
    certificate_ = {};
}

void Server::stop()
{
    listener_.stop();
    inside_listener_.stop();
    tls_listener_.stop();
    *stopped_ = true;
    soup_server_disconnect(soup_.get());
    sessions_.expire([](const std::string &, Role) { return false; });
}

void Server::expire_sessions()
{
    sessions_.expire([this](const std::string &token, Role least) { return valid(token, least); });
}

bool Server::valid(const std::string &token, Role least) const
{
    if (least == Role::Anyone)
        return true;
    auto who = judge_(token);
    return who && who->role >= least;
}

/// The route that a new message asks for, in its trace.
Trace &Server::find(SoupServerMessage *message, const char *path) const
{
    Trace &trace = trace_of(message);
    trace.websocket = wants_websocket(message);
    std::string method = soup_server_message_get_method(message);
    if (method == "HEAD")
        method = "GET";
    if (method == "GET" && trace.websocket)
        method = "WS";
    trace.route = routes_.find(method, without_slash(path), trace.params);
    return trace;
}

/// Before the body is read: refuses one that is too long, and stops reading one that lies.
void Server::early(SoupServerMessage *message, const char *path, GHashTable *query)
{
    if (Peer *peer = peer_of(message))
        peer->http = true;
    await_body(message);
    if (open_to_all_ && allow_origins(message, path))
        return;
    const Route *route = find(message, path).route;
    if (route && takes_bearer(*route))
        let_pages_read(message);
    if (certificate_ && !came_over_tls(message) && !may_be_plain(message, route))
        return refuse(message, redirect_to_https(message, tls_listener_.port()));
    SoupMessageHeaders *h = soup_server_message_get_request_headers(message);
    if (const char *why = bad_length(h)) // libsoup would wait for a body, of whichever length
        return refuse(message, text(400, "bad length\n", why));
    if (route && std::holds_alternative<Take>(route->handler.answer))
        return take(message, *route, read_request(message, path, query));
    const size_t limit = route ? route->max_body_bytes : kMaxBodyBytes;
    const auto length = size_t(soup_message_headers_get_content_length(h));
    if (length > limit)
        return refuse(message, too_long());
    const SoupEncoding encoding = soup_message_headers_get_encoding(h);
    if (encoding == SOUP_ENCODING_NONE)
        return;
    if (route && (encoding == SOUP_ENCODING_CHUNKED || length > kShortBody)) {
        Request rq = read_request(message, path, query);
        if (auto refused = refusal(message, *route, rq))
            return refuse(message, *refused);
    }
    auto *count = new std::function<void(SoupServerMessage *, size_t)>{
        [this, left = limit](SoupServerMessage *m, size_t size) mutable {
            if (size > left)
                refuse(m, too_long());
            left -= std::min(left, size);
        }};
    g_signal_connect_data(
        message, "got-chunk",
        G_CALLBACK(+[](SoupServerMessage *m, GBytes *chunk, decltype(count) fn) {
            (*fn)(m, g_bytes_get_size(chunk));
        }),
        count, [](gpointer p, GClosure *) { delete static_cast<decltype(count)>(p); },
        GConnectFlags(0));
}

void Server::refuse(SoupServerMessage *message, const Response &response)
{
    refuse_early(message, response, stopped_, traffic_);
}

/// Of a body that goes to a sink: nothing of it is kept here, refused or not.
void Server::take(SoupServerMessage *message, const Route &route, Request rq)
{
    soup_message_body_set_accumulate(soup_server_message_get_request_body(message), FALSE);
    if (auto refused = refusal(message, route, rq))
        return refuse(message, *refused);
    auto opened = std::get<Take>(route.handler.answer)(rq);
    if (auto *refused = std::get_if<Response>(&opened))
        return refuse(message, *refused);
    Intake::attach(message, std::move(std::get<std::unique_ptr<BodySink>>(opened)), stopped_,
                   &sessions_, {rq.token, route.role, rq.address},
                   [this](auto *m, const Response &response) { refuse(m, response); });
}

/// What a request gets that may not have the route; else the request learns who it comes from.
std::optional<Response> Server::refusal(SoupServerMessage *message, const Route &route,
                                        Request &rq) const
{
    Trace &trace = trace_of(message);
    const bool given = is_borne(rq) && !open_to_all_; // by its user, to whichever page
    if ((trace.websocket || unsafe(rq.method)) && !given)
        if (auto foreign = refuse_foreign(rq, open_to_all_ ? &hosts_ : nullptr))
            return foreign;
    if (route.role == Role::Anyone && rq.token.empty() && !open_to_all_)
        return std::nullopt;
    auto who = judge_(rq.token);
    if (route.role == Role::Anyone) { // it may tell apart who has a session
        if (who) {
            trace.user = who->user;
            rq.principal = std::move(*who);
        }
        return std::nullopt;
    }
    if (!who)
        return Response{401, "application/json; charset=utf-8", "\"unauthorized\"",
                        takes_bearer(route) ? route.headers : Headers{}};
    trace.user = who->user;
    if (who->role < route.role)
        return Response{403, "application/json; charset=utf-8", "\"forbidden\"", {}};
    rq.principal = std::move(*who);
    return std::nullopt;
}

/// What who asks for no page and no route gets: of a socket it is told that it is one.
Response Server::no_page(SoupServerMessage *message, Request &rq) const
{
    if (auto other = other_method(routes_, rq))
        return *other;
    std::map<std::string, std::string> params;
    const bool reads = rq.method == "GET" || rq.method == "HEAD";
    const Route *socket = reads ? routes_.find("WS", rq.path, params) : nullptr;
    if (!socket)
        return text(404, "404 page not found", "no such page");
    if (auto refused = refusal(message, *socket, rq))
        return *refused;
    Response response = text(426, "this is a WebSocket\n", "no WebSocket handshake");
    response.headers = {{"Upgrade", "websocket"}, {"Connection", "Upgrade"}};
    return response;
}

void Server::handle(SoupServerMessage *message, const char *path, GHashTable *query)
{
    if (soup_server_message_get_status(message) != 0)
        return;
    if (auto *intake = Intake::of(message))
        return park(message, stopped_, [intake](Reply reply) { intake->finish(std::move(reply)); });
    Request rq = read_request(message, path, query);
    const Route *route = trace_of(message).route;
    if (!route) {
        if (rq.method == "GET" || rq.method == "HEAD")
            if (auto file = pages_.get(rq.path, read_asked(message))) {
                if (on_page && rq.path == "/")
                    on_page();
                return write_response(message, *file);
            }
        return write_response(message, no_page(message, rq));
    }
    if (auto refused = refusal(message, *route, rq))
        return write_response(message, *refused);
    dispatch(message, *route, std::move(rq));
}

void Server::dispatch(SoupServerMessage *message, const Route &route, Request rq)
{
    if (auto *call = std::get_if<Call>(&route.handler.answer))
        return park(message, stopped_, [&](Reply reply) { (*call)(rq, std::move(reply)); });
    if (auto *feed = std::get_if<Feed>(&route.handler.answer)) {
        if (rq.method == "HEAD")
            return write_response(message, {200, "", "", route.headers});
        const Lease lease{rq.token, route.role, rq.address, came_over_tls(message)};
        if (Guest *guest = guest_of(message))
            guest->stays();
        log_taken_over(message, 200, traffic_);
        auto *io = soup_server_message_steal_connection(message);
        return (*feed)(rq,
                       std::make_unique<Stream>(io, feed_head(route.headers), &sessions_, lease));
    }
    // A WebSocket may be silent as long as it likes, from the start: its first read counts from
    // now.
    if (guest_of(message))
        g_socket_set_timeout(peer_of(message)->socket, 0);
    // No status means that libsoup goes on with the handshake.
    g_object_set_data_full(G_OBJECT(message), kRequestKey, new Request{std::move(rq)},
                           [](gpointer p) { delete static_cast<Request *>(p); });
}

void Server::upgraded(SoupServerMessage *message, const char *, SoupWebsocketConnection *connection)
{
    auto *rq = static_cast<Request *>(g_object_get_data(G_OBJECT(message), kRequestKey));
    const Route *route = trace_of(message).route;
    if (!rq || !route)
        return;
    if (Peer *peer = peer_of(message))
        peer->upgrade(connection, route->max_body_bytes);
    log_taken_over(message, 101, traffic_);
    log_protocol_errors(connection, rq->path, rq->address);
    soup_websocket_connection_set_max_incoming_payload_size(connection, route->max_body_bytes);
    const Lease lease{rq->token, route->role, rq->address, came_over_tls(message)};
    std::get<Open>(route->handler.answer)(*rq,
                                          std::make_unique<Socket>(connection, &sessions_, lease));
}

} // namespace panto::http
