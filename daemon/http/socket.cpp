// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/http/socket.h"

#include "daemon/http/transport.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <vector>

namespace panto::http
{

namespace
{

constexpr size_t kMaxWaitingBytes = 4 << 20;
constexpr auto kFarewell = std::chrono::seconds{1};

GSocket *socket_of(SoupWebsocketConnection *c)
{
    return transport_of(soup_websocket_connection_get_io_stream(c)).socket;
}

/// Says why to a peer that broke the protocol: libsoup 3.2 just ends the connection then.
/// Source: RFC 6455, 5.5.1 and 7.1.7
void send_close(SoupWebsocketConnection *c, int code)
{
    GOutputStream *out = g_io_stream_get_output_stream(soup_websocket_connection_get_io_stream(c));
    const uint8_t frame[] = {0x88, 2, uint8_t(code >> 8), uint8_t(code)};
    if (G_IS_POLLABLE_OUTPUT_STREAM(out)) // what does not fit now is not worth a wait
        g_pollable_output_stream_write_nonblocking(G_POLLABLE_OUTPUT_STREAM(out), frame,
                                                   sizeof frame, nullptr, nullptr);
}

} // namespace

Socket::Socket(SoupWebsocketConnection *connection, Sessions *sessions, Lease lease)
    : Session{sessions, std::move(lease)}, connection_{Ref<SoupWebsocketConnection>::share(
                                               connection)},
      handlers_{std::make_shared<Handlers>()}
{
    message_ = Connection{
        connection,
        g_signal_connect(connection, "message",
                         G_CALLBACK(+[](SoupWebsocketConnection *, SoupWebsocketDataType type,
                                        GBytes *bytes, Socket *self) {
                             const auto keep = self->handlers_; // the owner may destroy self
                             self->heard_ = steady_now();
                             gsize size = 0;
                             auto *data =
                                 static_cast<const uint8_t *>(g_bytes_get_data(bytes, &size));
                             if (keep->message)
                                 keep->message({data, size}, type == SOUP_WEBSOCKET_DATA_TEXT);
                         }),
                         this)};
    pong_ = Connection{
        connection, g_signal_connect(connection, "pong",
                                     G_CALLBACK(+[](SoupWebsocketConnection *, GBytes *,
                                                    Socket *self) { self->heard_ = steady_now(); }),
                                     this)};
    error_ = Connection{
        connection,
        g_signal_connect(connection, "error",
                         G_CALLBACK(+[](SoupWebsocketConnection *c, GError *error, Socket *self) {
                             if (error->domain == SOUP_WEBSOCKET_ERROR && !self->congested())
                                 send_close(c, error->code);
                         }),
                         this)};
    closed_ = Connection{connection,
                         g_signal_connect(connection, "closed",
                                          G_CALLBACK(+[](SoupWebsocketConnection *, Socket *self) {
                                              const auto keep = self->handlers_;
                                              if (auto fn = std::exchange(keep->closed, nullptr))
                                                  fn();
                                          }),
                                          this)};
}

Socket::~Socket()
{
    message_ = {};
    pong_ = {};
    error_ = {};
    closed_ = {};
    handlers_->closed = nullptr;
    leave(SOUP_WEBSOCKET_CLOSE_GOING_AWAY, "");
}

void Socket::listen(Message on_message, std::function<void()> on_closed)
{
    handlers_->message = std::move(on_message);
    handlers_->closed = std::move(on_closed);
}

void Socket::send_text(const std::string &text)
{
    if (!open())
        return;
    const bool full = congested();
    soup_websocket_connection_send_text(connection_.get(), text.c_str());
    sent(text.size(), full);
}

void Socket::send_binary(std::span<const uint8_t> head, std::span<const uint8_t> body)
{
    if (!open())
        return;
    auto *copy = static_cast<uint8_t *>(g_malloc(head.size() + body.size()));
    std::copy(head.begin(), head.end(), copy);
    std::copy(body.begin(), body.end(), copy + head.size());
    GBytes *bytes = g_bytes_new_take(copy, head.size() + body.size());
    const bool full = congested();
    soup_websocket_connection_send_message(connection_.get(), SOUP_WEBSOCKET_DATA_BINARY, bytes);
    g_bytes_unref(bytes);
    sent(head.size() + body.size(), full);
}

void Socket::sent(size_t bytes, bool was_full)
{
    // libsoup's own queue has no limit and no length: count what is offered while it cannot drain.
    waiting_bytes_ = (was_full ? waiting_bytes_ : 0) + bytes;
    if (waiting_bytes_ > kMaxWaitingBytes)
        close(SOUP_WEBSOCKET_CLOSE_POLICY_VIOLATION, "reads too slowly");
}

void Socket::close(unsigned short code, const std::string &reason)
{
    leave(code, reason);
    message_ = {};
    silence_ = {};
    post([handlers = handlers_] {
        if (const auto fn = std::exchange(handlers->closed, nullptr))
            fn();
    });
}

/// libsoup would read on for 5 s from a peer that does not agree.
void Socket::leave(unsigned short code, const std::string &reason)
{
    if (!open())
        return;
    soup_websocket_connection_close(connection_.get(), code, reason.c_str());
    after(kFarewell, [left = connection_] {
        GSocket *s = socket_of(left.get());
        if (s && soup_websocket_connection_get_state(left.get()) != SOUP_WEBSOCKET_STATE_CLOSED)
            g_socket_shutdown(s, TRUE, TRUE, nullptr);
    }).detach();
}

void Socket::keep_alive(unsigned seconds)
{
    soup_websocket_connection_set_keepalive_interval(connection_.get(), seconds);
}

void Socket::end_when_silent(std::chrono::seconds limit)
{
    longest_silence_ = limit;
    look_for_silence();
}

void Socket::look_for_silence()
{
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(heard_ + longest_silence_ - steady_now());
    if (left.count() <= 0)
        return close(SOUP_WEBSOCKET_CLOSE_POLICY_VIOLATION, "nothing was heard for too long");
    silence_ = after(left, [this] { look_for_silence(); });
}

bool Socket::open() const
{
    return soup_websocket_connection_get_state(connection_.get()) == SOUP_WEBSOCKET_STATE_OPEN;
}

bool Socket::congested() const
{
    GSocket *s = socket_of(connection_.get());
    return s && !(g_socket_condition_check(s, G_IO_OUT) & G_IO_OUT);
}

void Socket::keep_fresh()
{
    if (GSocket *s = socket_of(connection_.get()))
        limit_unsent(s);
}

size_t Socket::unacknowledged_bytes() const
{
    GSocket *s = socket_of(connection_.get());
    int bytes = 0;
    if (!s || ::ioctl(g_socket_get_fd(s), SIOCOUTQ, &bytes) != 0)
        return 0;
    return size_t(bytes);
}

} // namespace panto::http
