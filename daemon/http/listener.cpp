// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/http/listener.h"

#include "daemon/observe/log.h"

#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace panto::http
{

namespace
{

constexpr int kBacklog = 128;
constexpr int kAtOnce = 16; // then others have their turn
constexpr unsigned kSilenceSeconds = 30;
constexpr auto kPause = std::chrono::milliseconds{500}; // of one that cannot accept

using Address = Owned<GSocketAddress, g_object_unref>;

Result<Ref<GSocket>> bound(GSocketAddress *address)
{
    GError *raw = nullptr;
    auto socket = Ref<GSocket>::adopt(g_socket_new(
        g_socket_address_get_family(address), G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, &raw));
    if (socket) {
        g_socket_set_blocking(socket.get(), FALSE);
        g_socket_set_listen_backlog(socket.get(), kBacklog);
        if (g_socket_address_get_family(address) == G_SOCKET_FAMILY_IPV6)
            g_socket_set_option(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, 0, nullptr);
        if (g_socket_bind(socket.get(), address, TRUE, &raw) && g_socket_listen(socket.get(), &raw))
            return socket;
    }
    const Owned<GError, g_error_free> error{raw};
    return Error{Kind::Unavailable, error->message, error->code};
}

/// Both kinds of address where the system has both.
Result<Ref<GSocket>> bound_to_all(unsigned port)
{
    const auto any = [port](GSocketFamily family) {
        const Owned<GInetAddress, g_object_unref> all{g_inet_address_new_any(family)};
        return Address{g_inet_socket_address_new(all.get(), guint16(port))};
    };
    auto both = bound(any(G_SOCKET_FAMILY_IPV6).get());
    if (both || both.error().code == G_IO_ERROR_ADDRESS_IN_USE)
        return both;
    return bound(any(G_SOCKET_FAMILY_IPV4).get());
}

} // namespace

Listener::Listener(Accept accept) : accept_{std::move(accept)} {}

Result<> Listener::listen(const std::string &host, unsigned port)
{
    const Address address{host.empty() ? nullptr
                                       : g_inet_socket_address_new_from_string(host.c_str(), port)};
    if (!host.empty() && !address)
        return Error{Kind::Invalid, "host: \"" + host + "\" is not an IP address"};
    auto socket = host.empty() ? bound_to_all(port) : bound(address.get());
    if (!socket)
        return Error{Kind::Unavailable, "cannot listen on " + (host.empty() ? "*" : host) + ":" +
                                            std::to_string(port) + ": " + socket.error().message};
    socket_ = std::move(*socket);
    const Address got{g_socket_get_local_address(socket_.get(), nullptr)};
    port_ = g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(got.get()));
    wait();
    return ok;
}

void Listener::wait()
{
    GSource *source = g_socket_create_source(socket_.get(), G_IO_IN, nullptr);
    const GSocketSourceFunc readable = [](GSocket *, GIOCondition, gpointer p) -> gboolean {
        static_cast<Listener *>(p)->accept();
        return G_SOURCE_CONTINUE;
    };
    g_source_set_callback(source, G_SOURCE_FUNC(readable), this, nullptr);
    g_source_attach(source, nullptr);
    waiting_ = Source{source};
}

void Listener::accept()
{
    for (int i = 0; i < kAtOnce && socket_; ++i) {
        // Not g_socket_accept(): that asks for the flags and the peer's address one by one.
        sockaddr_storage from{};
        socklen_t size = sizeof from;
        const int fd = ::accept4(g_socket_get_fd(socket_.get()),
                                 reinterpret_cast<sockaddr *>(&from), &size, SOCK_CLOEXEC);
        if (fd < 0 && (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED))
            return;   // we are called again when there is another
        if (fd < 0) { // no descriptor left, for instance: it is as full at once again
            log_warning("http", std::string{"cannot accept a connection: "} + g_strerror(errno));
            waiting_ = after(kPause, [this] { wait(); });
            return;
        }
        const auto socket = Ref<GSocket>::adopt(g_socket_new_from_fd(fd, nullptr));
        if (!socket) {
            ::close(fd); // it has gone
            continue;
        }
        g_socket_set_timeout(socket.get(), kSilenceSeconds);
        g_socket_set_option(socket.get(), IPPROTO_TCP, TCP_NODELAY, 1, nullptr);
        const Owned<GSocketConnection, g_object_unref> connection{
            g_socket_connection_factory_create_connection(socket.get())};
        const Address remote{g_socket_address_new_from_native(&from, size)};
        accept_(connection.get(), remote.get());
    }
}

void Listener::stop()
{
    if (!socket_)
        return;
    waiting_ = {};
    g_socket_close(socket_.get(), nullptr);
    socket_ = {};
    port_ = 0;
}

} // namespace panto::http
