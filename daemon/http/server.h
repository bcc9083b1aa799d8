// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/http/crowd.h"
#include "daemon/http/listener.h"
#include "daemon/http/pages.h"
#include "daemon/http/route.h"
#include "daemon/http/session.h"
#include "daemon/http/traffic.h"
#include "daemon/http/transport.h"
#include "lib/glib/ref.h"
#include "lib/glib/source.h"

#include <libsoup/soup.h>
#include <optional>
#include <string>
#include <vector>

PANTO_COUNTED(SoupServer, g_object_ref, g_object_unref)

namespace panto::http
{

struct Trace;

/// Server: HTTP and WebSocket on libsoup; routes come from one table, everything else is a file.
///
/// Errors   401 and 403 as JSON strings, 404 as text, 413 for a body over the route's limit
/// Drops    who is slow or too many: see Crowd
/// Threads  main loop only
class Server
{
public:
    /// Who a session token stands for.
    using Judge = std::function<Result<Principal>(const std::string &token)>;

    /// share: how many connections one address may have at a time.
    Server(Judge judge, Site site, unsigned share);
    ~Server();
    Server(const Server &) = delete;
    Server &operator=(const Server &) = delete;

    /// Lets the pages of every origin read the answers, as they need no session: to be called when
    /// authentication is off. What changes something is still for pages of ours, that came by an
    /// address, a name of this machine or one of `hosts`.
    void open_to_all(std::vector<std::string> hosts)
    {
        open_to_all_ = true;
        hosts_ = std::move(hosts);
    }

    /// A page is being fetched: its visitor will want more.
    std::function<void()> on_page;

    void add(std::vector<Route> routes);
    const std::vector<Route> &routes() const { return routes_.all(); }
    /// Listens on host ("" = all addresses); port 0 takes any free one.
    Result<> listen(const std::string &host, unsigned port) { return listener_.listen(host, port); }
    /// Listens to this machine's own programs, too, where host leaves them out.
    Result<> listen_inside(unsigned port) { return inside_listener_.listen("127.0.0.1", port); }
    /// Speaks TLS on this port, and from then on sends whoever comes to the other one here.
    Result<> listen_tls(const std::string &host, unsigned port, Ref<GTlsCertificate> certificate);
    /// Takes no more connections there, and serves the other port again. Those that are stay.
    void stop_tls();
    /// The port that listen() got.
    unsigned port() const { return listener_.port(); }
    /// The port that listen_tls() got; 0 without TLS.
    unsigned tls_port() const { return tls_listener_.port(); }
    /// For connections that are not HTTP but live under a session all the same.
    Sessions &sessions() { return sessions_; }
    /// Ends the streams and sockets whose session is no longer valid.
    void expire_sessions();
    /// What was asked of it since its start; see Traffic.
    std::string metrics() const { return traffic_.text(crowd_.size()); }
    /// Ends the streams and sockets that came without TLS: once it is on, nothing goes on beside
    /// it.
    void end_plain() { sessions_.end_plain(); }
    /// Takes no new requests and ends every stream and socket.
    void stop();

private:
    void accept(GSocketConnection *connection, GSocketAddress *remote);
    void accept_tls(GSocketConnection *connection, GSocketAddress *remote);
    void hand_over(GIOStream *connection, GSocketAddress *remote);
    void listen_on_path(const char *path);
    Trace &find(SoupServerMessage *message, const char *path) const;
    void early(SoupServerMessage *message, const char *path, GHashTable *query);
    void refuse(SoupServerMessage *message, const Response &response);
    void take(SoupServerMessage *message, const Route &route, Request rq);
    Response no_page(SoupServerMessage *message, Request &rq) const;
    std::optional<Response> refusal(SoupServerMessage *message, const Route &route,
                                    Request &rq) const;
    void handle(SoupServerMessage *message, const char *path, GHashTable *query);
    void dispatch(SoupServerMessage *message, const Route &route, Request rq);
    void upgraded(SoupServerMessage *message, const char *path,
                  SoupWebsocketConnection *connection);
    bool valid(const std::string &token, Role least) const;

    Judge judge_;
    Pages pages_;
    bool open_to_all_ = false;
    std::vector<std::string> hosts_;
    RouteTable routes_;
    Ref<SoupServer> soup_;
    Crowd crowd_;
    Listener listener_;
    Listener inside_listener_;
    Listener tls_listener_;
    Ref<GTlsCertificate> certificate_; // none: no TLS
    std::shared_ptr<bool> stopped_ = std::make_shared<bool>(false);
    Traffic traffic_;
    std::vector<Connection> log_;
    Sessions sessions_;
    Source watcher_; // sessions end by expiry, too
};

} // namespace panto::http
