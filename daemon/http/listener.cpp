// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/http/listener.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

namespace panto::http
{

namespace
{

constexpr int kBacklog = 128;
constexpr unsigned kSilenceSeconds = 30;

} // namespace

Listener::Listener(Accept accept) : accept_{std::move(accept)} {}

void Listener::open()
{
    service_ = Ref<GSocketService>::adopt(g_socket_service_new());
    g_socket_listener_set_backlog(G_SOCKET_LISTENER(service_.get()), kBacklog);
    incoming_ =
        Connection{service_.get(),
                   g_signal_connect(service_.get(), "incoming",
                                    G_CALLBACK(+[](GSocketService *, GSocketConnection *connection,
                                                   GObject *, Listener *self) -> gboolean {
                                        self->incoming(connection);
                                        return TRUE;
                                    }),
                                    this)};
}

void Listener::incoming(GSocketConnection *connection)
{
    GSocket *socket = g_socket_connection_get_socket(connection);
    g_socket_set_timeout(socket, kSilenceSeconds);
    g_socket_set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1, nullptr);
    accept_(connection);
}

Result<> Listener::listen(const std::string &host, unsigned port)
{
    if (!service_)
        open();
    auto *listener = G_SOCKET_LISTENER(service_.get());
    GError *error = nullptr;
    if (host.empty() && port == 0) {
        port_ = g_socket_listener_add_any_inet_port(listener, nullptr, &error);
    } else if (host.empty()) {
        if (g_socket_listener_add_inet_port(listener, guint16(port), nullptr, &error))
            port_ = port;
    } else {
        GSocketAddress *address = g_inet_socket_address_new_from_string(host.c_str(), port);
        if (!address)
            return Error{Kind::Invalid, "host: \"" + host + "\" is not an IP address"};
        GSocketAddress *got = nullptr;
        if (g_socket_listener_add_address(listener, address, G_SOCKET_TYPE_STREAM,
                                          G_SOCKET_PROTOCOL_TCP, nullptr, &got, &error)) {
            port_ = g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(got));
            g_object_unref(got);
        }
        g_object_unref(address);
    }
    if (!error)
        return ok;
    Error e{Kind::Unavailable, "cannot listen on " + (host.empty() ? "*" : host) + ":" +
                                   std::to_string(port) + ": " + error->message};
    g_error_free(error);
    return e;
}

void Listener::stop()
{
    if (!service_)
        return;
    g_socket_service_stop(service_.get());
    g_socket_listener_close(G_SOCKET_LISTENER(service_.get())); // for good
    incoming_ = {};
    service_ = {};
    port_ = 0;
}

} // namespace panto::http
