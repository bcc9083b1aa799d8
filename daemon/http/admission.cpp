// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/http/admission.h"

#include "daemon/http/access.h"

namespace panto::http
{

namespace
{

constexpr char kGuestKey[] = "pantograph-guest";
constexpr size_t kNetworkBytes = 8; // of an IPv6 address: who has one has all behind it

/// Dies with the connection; messages find the guest through the peer's address, which they share.
struct Seat {
    std::unique_ptr<Guest> guest;
    Owned<GSocketAddress, g_object_unref> remote;

    ~Seat() { g_object_set_data(G_OBJECT(remote.get()), kGuestKey, nullptr); }
};

/// Whose share a connection counts to: its address, of IPv6 the network it is in.
std::string owner_of(GSocketAddress *remote)
{
    if (!G_IS_INET_SOCKET_ADDRESS(remote))
        return "";
    GInetAddress *address = g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(remote));
    if (g_inet_address_get_family(address) != G_SOCKET_FAMILY_IPV6 ||
        g_inet_address_get_is_link_local(address) || g_inet_address_get_is_loopback(address))
        return address_text(remote);
    guint8 network[16] = {};
    std::copy_n(g_inet_address_to_bytes(address), kNetworkBytes, network);
    const Owned<GInetAddress, g_object_unref> first{
        g_inet_address_new_from_bytes(network, G_SOCKET_FAMILY_IPV6)};
    g_autofree char *text = g_inet_address_to_string(first.get());
    return std::string{text} + "/64";
}

} // namespace

bool admit(Crowd &crowd, GSocketConnection *connection, GSocketAddress *remote)
{
    GSocket *socket = g_socket_connection_get_socket(connection);
    auto guest = crowd.admit(owner_of(remote), [socket, remote](const char *why) {
        note_late(remote, why);
        g_socket_shutdown(socket, TRUE, TRUE, nullptr); // whoever reads it lets it go
    });
    if (!guest)
        return false;
    g_object_set_data(G_OBJECT(remote), kGuestKey, guest.get());
    auto *seat = new Seat{std::move(guest), {}};
    seat->remote.reset(G_SOCKET_ADDRESS(g_object_ref(remote)));
    g_object_set_data_full(G_OBJECT(connection), kGuestKey, seat,
                           [](gpointer p) { delete static_cast<Seat *>(p); });
    return true;
}

Guest *guest_of(SoupServerMessage *message)
{
    GSocketAddress *remote = soup_server_message_get_remote_address(message);
    return remote ? static_cast<Guest *>(g_object_get_data(G_OBJECT(remote), kGuestKey)) : nullptr;
}

void await_body(SoupServerMessage *message)
{
    Guest *guest = guest_of(message);
    if (!guest)
        return;
    SoupMessageHeaders *h = soup_server_message_get_request_headers(message);
    if (soup_message_headers_get_encoding(h) == SOUP_ENCODING_NONE) {
        guest->served(); // the head was all of it
    } else {
        guest->awaits_body();
        g_signal_connect(message, "got-body", G_CALLBACK(+[](SoupServerMessage *m, gpointer) {
                             if (Guest *g = guest_of(m))
                                 g->served();
                         }),
                         nullptr);
    }
    g_signal_connect(message, "finished", G_CALLBACK(+[](SoupServerMessage *m, gpointer) {
                         if (Guest *g = guest_of(m))
                             g->awaits_head();
                     }),
                     nullptr);
}

} // namespace panto::http
