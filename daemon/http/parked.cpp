// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/http/parked.h"

#include "daemon/http/message.h"
#include "daemon/http/peer.h"
#include "daemon/http/trace.h"
#include "lib/glib/source.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

namespace panto::http
{

namespace
{

constexpr int kProbe_s = 5;
constexpr int kProbes = 3; // left unanswered: it is gone

/// Asks a peer that has ended its side whether it is there: a close looks the same at first, and
/// its system goes on answering for the time it keeps what was closed, of Linux a minute.
void probe(GSocket *socket)
{
    g_socket_set_keepalive(socket, TRUE);
    g_socket_set_option(socket, IPPROTO_TCP, TCP_KEEPIDLE, kProbe_s, nullptr);
    g_socket_set_option(socket, IPPROTO_TCP, TCP_KEEPINTVL, kProbe_s, nullptr);
    g_socket_set_option(socket, IPPROTO_TCP, TCP_KEEPCNT, kProbes, nullptr);
}

/// A message that waits for its answer; one that gets it at once is never paused.
class Parked
{
public:
    Parked(SoupServerMessage *m, std::shared_ptr<const bool> server_stopped)
        : message_{SOUP_SERVER_MESSAGE(g_object_ref(m))}, stopped_{std::move(server_stopped)}
    {
    }
    ~Parked() { let_go(); }
    Parked(const Parked &) = delete;
    Parked &operator=(const Parked &) = delete;

    void pause()
    {
        if (answered_ || *stopped_)
            return;
        g_signal_connect_swapped(message_, "finished", G_CALLBACK(+[](Parked *p) { p->let_go(); }),
                                 this);
        soup_server_message_pause(message_);
        paused_ = true;
        if (Guest *guest = guest_of(message_); guest && trace_of(message_).user.empty())
            guest->may_leave();
        listen(POLLRDHUP);
    }
    /// Half an end is taken for a whole one, as clients that wait for an answer make none.
    void if_gone(std::function<void()> fn)
    {
        if_gone_ = std::move(fn);
        if (paused_)
            listen(POLLRDHUP);
    }
    void send(const Response &response)
    {
        hang_up_ = {};
        if (answered_ || !message_ || *stopped_)
            return;
        answered_ = true;
        write_response(message_, response);
        if (paused_)
            soup_server_message_unpause(message_);
    }

private:
    /// libsoup does not read a paused message.
    void listen(int events)
    {
        if (answered_ || !message_ || *stopped_)
            return;
        const Peer *peer = peer_of(message_);
        if (peer && peer->guest)
            hang_up_ = watch(g_socket_get_fd(peer->socket), events, [this] { hung_up(); });
    }
    void hung_up()
    {
        hang_up_ = {};
        if (answered_ || !message_ || *stopped_)
            return;
        const Peer *peer = peer_of(message_);
        pollfd end{g_socket_get_fd(peer->socket), 0, 0};
        if (::poll(&end, 1, 0) != 0) {
            give_up(*peer);
        } else {
            probe(peer->socket);
            if (peer->guest)
                peer->guest->may_leave();
            listen(0);
        }
        if (const auto tell = std::exchange(if_gone_, nullptr))
            tell(); // this may end here
    }
    /// The answer that nobody gets: libsoup ends the connection when it cannot write.
    void give_up(const Peer &peer)
    {
        answered_ = true;
        g_socket_shutdown(peer.socket, TRUE, TRUE, nullptr);
        soup_server_message_set_status(message_, SOUP_STATUS_SERVICE_UNAVAILABLE, nullptr);
        soup_server_message_unpause(message_);
    }
    void let_go()
    {
        hang_up_ = {};
        if (paused_ && message_)
            g_signal_handlers_disconnect_by_data(message_, this);
        g_clear_object(&message_);
    }

    SoupServerMessage *message_; // null when it is over
    std::shared_ptr<const bool> stopped_;
    bool paused_ = false, answered_ = false;
    std::function<void()> if_gone_;
    Source hang_up_;
};

} // namespace

void park(SoupServerMessage *message, std::shared_ptr<const bool> stopped,
          const std::function<void(Reply)> &then)
{
    auto parked = std::make_shared<Parked>(message, std::move(stopped));
    then(Reply{[parked](Response r) { parked->send(r); },
               [parked](std::function<void()> fn) { parked->if_gone(std::move(fn)); }});
    parked->pause();
}

} // namespace panto::http
