// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/http/peer.h"

#include "daemon/observe/log.h"
#include "lib/base/owned.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace panto::http
{

namespace
{

constexpr size_t kNetworkBytes = 8;           // of an IPv6 address: who has one has all behind it
constexpr unsigned char kTlsHandshake = 0x16; // Source: RFC 8446, 5.1

constexpr size_t kLookEveryBytes = 16 << 10;
constexpr size_t kMostDeafBytes = 256 << 10;
/// Pings, pongs and the heads of parts between two messages: those of days, where there are no
/// messages.
constexpr size_t kBesideBytes = 256 << 10;
constexpr auto kDeafFor = std::chrono::seconds{10}; // who sends little in that time may be slow

GQuark key()
{
    static const GQuark quark = g_quark_from_static_string("pantograph-peer");
    return quark;
}

/// Whose share a connection counts to: its address, of IPv6 the network it is in.
std::string owner_of(GSocketAddress *remote, const std::string &text)
{
    if (!G_IS_INET_SOCKET_ADDRESS(remote))
        return "";
    GInetAddress *address = g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(remote));
    if (g_inet_address_get_family(address) != G_SOCKET_FAMILY_IPV6 ||
        g_inet_address_get_is_link_local(address) || g_inet_address_get_is_loopback(address))
        return text;
    guint8 network[16] = {};
    std::copy_n(g_inet_address_to_bytes(address), kNetworkBytes, network);
    const Owned<GInetAddress, g_object_unref> first{
        g_inet_address_new_from_bytes(network, G_SOCKET_FAMILY_IPV6)};
    g_autofree char *name = g_inet_address_to_string(first.get());
    return std::string{name} + "/64";
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

Peer::Peer(GSocket *connected, GSocketAddress *remote)
    : address{address_text(remote)}, socket{connected}
{
}

Peer::~Peer()
{
    if (http || first < 0)
        return;
    log_info("http", "no request",
             {{"peer", address},
              {"why", first == kTlsHandshake ? "TLS, which is not spoken here"
                      : late                 ? late
                                             : "no whole HTTP request"}});
}

bool Peer::is_deaf(size_t received)
{
    unlooked_ += received;
    if (unlooked_ < kLookEveryBytes)
        return false;
    const Time now = steady_now();
    if (g_socket_condition_check(socket, G_IO_OUT) & G_IO_OUT || now - deaf_since_ > kDeafFor) {
        deaf_since_ = now;
        deaf_bytes_ = 0;
    } else {
        deaf_bytes_ += unlooked_;
    }
    unlooked_ = 0;
    return deaf_bytes_ > kMostDeafBytes;
}

bool Peer::is_endless(size_t received)
{
    unheard_ += received;
    return unheard_ > longest_ + kBesideBytes;
}

void Peer::upgrade(SoupWebsocketConnection *connection, size_t longest)
{
    upgraded = true;
    longest_ = longest;
    if (guest)
        guest->stays();
    // The connection keeps its stream, and that the address that keeps us.
    g_signal_connect_swapped(connection, "message",
                             G_CALLBACK(+[](Peer *peer) { peer->unheard_ = 0; }), this);
}

void Peer::hold(bool back) const
{
    const int value = back; // a Unix socket has no packets, and refuses
    ::setsockopt(g_socket_get_fd(socket), IPPROTO_TCP, TCP_CORK, &value, sizeof value);
}

std::string Peer::local_address() const
{
    sockaddr_storage at{};
    socklen_t size = sizeof at;
    if (!guest || ::getsockname(g_socket_get_fd(socket), reinterpret_cast<sockaddr *>(&at), &size))
        return "";
    char text[INET6_ADDRSTRLEN] = "";
    if (at.ss_family == AF_INET) {
        ::inet_ntop(AF_INET, &reinterpret_cast<sockaddr_in &>(at).sin_addr, text, sizeof text);
    } else if (at.ss_family == AF_INET6) {
        const in6_addr &six = reinterpret_cast<sockaddr_in6 &>(at).sin6_addr;
        if (IN6_IS_ADDR_V4MAPPED(&six))
            ::inet_ntop(AF_INET, &six.s6_addr[12], text, sizeof text);
        else
            ::inet_ntop(AF_INET6, &six, text, sizeof text);
    }
    return text;
}

Peer *admit(Crowd &crowd, GSocket *socket, GSocketAddress *remote)
{
    auto peer = std::make_unique<Peer>(socket, remote);
    Peer *p = peer.get();
    p->guest = crowd.admit(owner_of(remote, p->address), [p](const char *why) {
        p->late = why;
        g_socket_shutdown(p->socket, TRUE, TRUE, nullptr); // whoever reads it lets it go
    });
    if (!p->guest)
        return nullptr;
    g_object_set_qdata_full(G_OBJECT(remote), key(), peer.release(),
                            [](gpointer data) { delete static_cast<Peer *>(data); });
    return p;
}

Peer *peer_of(GSocketAddress *remote)
{
    return static_cast<Peer *>(remote ? g_object_get_qdata(G_OBJECT(remote), key()) : nullptr);
}

Peer *peer_of(SoupServerMessage *message)
{
    return peer_of(soup_server_message_get_remote_address(message));
}

Guest *guest_of(SoupServerMessage *message)
{
    const Peer *peer = peer_of(message);
    return peer ? peer->guest.get() : nullptr;
}

void await_body(SoupServerMessage *message)
{
    Guest *guest = guest_of(message);
    if (!guest)
        return;
    SoupMessageHeaders *h = soup_server_message_get_request_headers(message);
    if (soup_message_headers_get_encoding(h) == SOUP_ENCODING_NONE)
        return guest->served(); // the head was all of it
    guest->awaits_body();
    g_signal_connect(message, "got-body", G_CALLBACK(+[](SoupServerMessage *m, gpointer) {
                         if (Guest *g = guest_of(m))
                             g->served();
                     }),
                     nullptr);
}

} // namespace panto::http
