// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/http/crowd.h"
#include "daemon/http/share.h"

#include <libsoup/soup.h>
#include <memory>
#include <string>

namespace panto::http
{

/// Peer: what is known of one connection, from its first byte to its last. Dies with the peer's
/// address, which libsoup's messages and the connection's streams share; and so do they find it.
///
/// One that brought something else than HTTP gets a line in the log when it dies.
///
/// Threads  main loop only
struct Peer {
    Peer(GSocket *connected, GSocketAddress *remote);
    ~Peer();
    Peer(const Peer &) = delete;
    Peer &operator=(const Peer &) = delete;

    /// The address of ours that it came to, as text.
    std::string local_address() const;
    /// Of a WebSocket's peer, which has sent so many bytes more: whether it goes on sending and
    /// takes nothing of ours. libsoup answers each ping, and its queue of answers has no limit.
    bool is_deaf(size_t received);
    /// The same: whether it brings more for one message than one may have. libsoup bounds each part
    /// of a message, and not how many there are.
    bool is_endless(size_t received);
    /// Whether what fills no packet waits for more: libsoup writes an answer's head and its body
    /// one by one, and each would be a packet.
    void hold(bool back) const;
    /// It is a WebSocket's from now on, whose messages have so many bytes at the most.
    void upgrade(SoupWebsocketConnection *connection, size_t longest);

    const std::string address; ///< as text, without port
    GSocket *const socket;     ///< lives as long as the connection
    /// Its place in the crowd; null when the connection is gone.
    std::unique_ptr<Guest> guest = nullptr;
    bool tls = false;           ///< it agreed on TLS
    int first = -1;             ///< the first byte that came; -1 while there is none
    bool http = false;          ///< it speaks HTTP
    bool between = false;       ///< a request was answered, and nothing of another has come
    bool over = false;          ///< it ended the connection there
    bool upgraded = false;      ///< it is a WebSocket's
    const char *late = nullptr; ///< why we end it: it was too slow
    Share share;                ///< of what is read

private:
    size_t unlooked_ = 0, deaf_bytes_ = 0;
    size_t longest_ = 0, unheard_ = 0; // of a message; and bytes since the last one
    Time deaf_since_{};
};

/// Takes a new connection into the crowd; nullptr when there is no place for it.
Peer *admit(Crowd &crowd, GSocket *socket, GSocketAddress *remote);

/// Of the connection with this address; nullptr when it was never admitted.
Peer *peer_of(GSocketAddress *remote);
Peer *peer_of(SoupServerMessage *message);

/// Whose request it is; nullptr when the connection is gone.
Guest *guest_of(SoupServerMessage *message);

/// The head has come: waits for the body, and then for nothing more.
void await_body(SoupServerMessage *message);

/// The peer's address as text.
std::string address_text(GSocketAddress *remote);

} // namespace panto::http
