// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/http/message.h"
#include "daemon/http/peer.h"
#include "lib/glib/source.h"

#include <memory>
#include <poll.h>

namespace panto::http
{

/// A message that waits for its answer; one that gets it at once is never paused.
struct Parked {
    SoupServerMessage *message;
    std::shared_ptr<const bool> stopped; ///< the server has let go of its connections
    bool gone = false, paused = false, answered = false;
    Source hang_up; ///< while somebody wants to know of it: libsoup does not read a paused message

    Parked(SoupServerMessage *m, std::shared_ptr<const bool> server_stopped)
        : message{SOUP_SERVER_MESSAGE(g_object_ref(m))}, stopped{std::move(server_stopped)}
    {
    }
    ~Parked()
    {
        if (paused)
            g_signal_handlers_disconnect_by_data(message, this);
        g_object_unref(message);
    }
    Parked(const Parked &) = delete;
    Parked &operator=(const Parked &) = delete;
    void pause()
    {
        g_signal_connect_swapped(message, "finished", G_CALLBACK(+[](Parked *p) {
                                     p->gone = true;
                                     p->hang_up = {};
                                 }),
                                 this);
        soup_server_message_pause(message);
        paused = true;
    }
    /// Half an end is taken for a whole one, as clients that wait for an answer make none.
    void if_gone(std::function<void()> fn)
    {
        const Peer *peer = peer_of(message);
        if (answered || gone || *stopped || !peer || !peer->guest)
            return;
        hang_up = watch(g_socket_get_fd(peer->socket), POLLRDHUP, [this, fn = std::move(fn)] {
            const auto tell = fn; // this source, and with it fn, ends here
            hang_up = {};
            tell();
        });
    }
    void send(const Response &response)
    {
        hang_up = {};
        if (gone || *stopped)
            return;
        answered = true;
        write_response(message, response);
        if (paused)
            soup_server_message_unpause(message);
    }
};

/// Calls `then` with the Reply to the message; parks the message until that is given. Only in a
/// handler of libsoup's.
inline void park(SoupServerMessage *message, std::shared_ptr<const bool> stopped,
                 const std::function<void(Reply)> &then)
{
    auto parked = std::make_shared<Parked>(message, std::move(stopped));
    then(Reply{[parked](Response r) { parked->send(r); },
               [parked](std::function<void()> fn) { parked->if_gone(std::move(fn)); }});
    if (!parked->answered && !*parked->stopped)
        parked->pause();
}

} // namespace panto::http
