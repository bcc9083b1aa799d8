// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/http/session.h"
#include "lib/base/clock.h"
#include "lib/glib/ref.h"
#include "lib/glib/source.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <libsoup/soup.h>
#include <memory>
#include <span>
#include <string>

PANTO_COUNTED(SoupWebsocketConnection, g_object_ref, g_object_unref)

namespace panto::http
{

/// Socket: one WebSocket connection, closed when it dies.
///
/// Drops    nothing by itself: ask congested() before sending what may be dropped; a peer that
///          does not read is closed when more than 4 MiB wait for it
/// Threads  main loop only
class Socket : public Session
{
public:
    using Message = std::function<void(std::span<const uint8_t> data, bool text)>;

    Socket(SoupWebsocketConnection *connection, Sessions *sessions, Lease lease);
    ~Socket() override;

    /// Sets who gets the messages and the one call at the end; the owner may destroy the Socket in
    /// either.
    void listen(Message on_message, std::function<void()> on_closed);
    void send_text(const std::string &text);
    void send_binary(std::span<const uint8_t> head, std::span<const uint8_t> body = {});
    /// From now on nothing that comes counts, and the owner is called. The peer has a second to
    /// agree before its connection is cut.
    void close(unsigned short code, const std::string &reason);
    /// Pings the peer that often, so that proxies and dead peers are noticed.
    void keep_alive(unsigned seconds);
    /// Closes it when neither a message nor the answer to a ping has come for so long.
    void end_when_silent(std::chrono::seconds limit);
    /// Neither side has begun to end it.
    bool open() const;
    /// The kernel's buffer towards the peer is full.
    bool congested() const;
    /// From now on that buffer is short: for what is worth nothing when it comes late.
    void keep_fresh();
    /// Bytes the peer's kernel has not acknowledged yet: 0 proves that the network is there.
    size_t unacknowledged_bytes() const;

    void expire() override { close(4401, "session expired or revoked"); }
    void end_plain() override { close(4307, "https only from now on"); }

private:
    struct Handlers {
        Message message;
        std::function<void()> closed;
    };
    void leave(unsigned short code, const std::string &reason);
    void sent(size_t bytes, bool was_full);
    void look_for_silence();

    Ref<SoupWebsocketConnection> connection_;
    std::shared_ptr<Handlers> handlers_;
    Connection message_, pong_, error_, closed_;
    std::chrono::seconds longest_silence_{0}; // 0: any
    Time heard_ = steady_now();
    Source silence_;
    size_t waiting_bytes_ = 0; // since the kernel's buffer was last seen with room
};

} // namespace panto::http
