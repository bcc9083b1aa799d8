// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/http/stream.h"

#include <sys/socket.h>

namespace panto::http
{

namespace
{

constexpr auto kStallLimit = std::chrono::seconds{20};
constexpr int kSendBufferBytes = 256 * 1024;

Source watch(GSocket *socket, GIOCondition condition, std::function<bool()> fn)
{
    GSource *s = g_socket_create_source(socket, condition, nullptr);
    g_source_set_callback(s, G_SOURCE_FUNC(+[](GSocket *, GIOCondition, gpointer p) -> gboolean {
                              auto f = *static_cast<std::function<bool()> *>(
                                  p); // the source may die inside
                              return f();
                          }),
                          new std::function<bool()>{std::move(fn)},
                          [](gpointer p) { delete static_cast<std::function<bool()> *>(p); });
    g_source_attach(s, g_main_context_get_thread_default());
    return Source{s};
}

} // namespace

Stream::Stream(GIOStream *connection, Part head, Sessions *sessions, Lease lease)
    : Session{sessions, std::move(lease)}, connection_{Ref<GIOStream>::adopt(connection)}
{
    GSocketConnection *base = nullptr;
    if (G_IS_SOCKET_CONNECTION(connection))
        base = G_SOCKET_CONNECTION(g_object_ref(connection));
    else
        g_object_get(connection, "base-iostream", &base, nullptr);
    socket_ = g_socket_connection_get_socket(base);
    g_object_unref(base); // connection_ keeps it alive
    g_socket_set_blocking(socket_, FALSE);
    g_socket_set_timeout(socket_, 0); // kStallLimit is ours
    g_socket_set_option(socket_, SOL_SOCKET, SO_SNDBUF, kSendBufferBytes, nullptr);
    readable_ = watch(socket_, GIOCondition(G_IO_IN | G_IO_HUP | G_IO_ERR), [this] {
        char ignored[512];
        const gssize n = g_socket_receive(socket_, ignored, sizeof ignored, nullptr, nullptr);
        if (n > 0)
            return true; // whatever a client says after its request does not matter
        end();
        return false;
    });
    current_ = std::move(head);
    pump();
}

Stream::~Stream()
{
    for (Source *s : {&writable_, &readable_, &stalled_, &ended_})
        *s = {};
    g_io_stream_close(connection_.get(), nullptr, nullptr);
}

void Stream::send(Part part)
{
    if (ended_)
        return;
    if (next_)
        ++dropped_;
    next_ = std::move(part);
    if (!writable_)
        pump();
}

void Stream::pump()
{
    for (;;) {
        if (!current_) {
            if (!next_)
                return;
            current_ = std::move(next_);
            offset_ = 0;
        }
        GError *error = nullptr;
        const gssize n = g_socket_send(socket_, current_->data() + offset_,
                                       current_->size() - offset_, nullptr, &error);
        if (n < 0) {
            const bool full = g_error_matches(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
            g_error_free(error);
            if (!full)
                return end();
            if (!stalled_)
                stalled_ = after(kStallLimit, [this] { end(); });
            writable_ = watch(socket_, G_IO_OUT, [this] {
                writable_ = {};
                pump();
                return false;
            });
            return;
        }
        stalled_ = {};
        offset_ += size_t(n);
        if (offset_ == current_->size())
            current_.reset();
    }
}

void Stream::end()
{
    if (ended_)
        return;
    for (Source *s : {&writable_, &readable_, &stalled_})
        *s = {};
    ended_ = after(std::chrono::milliseconds{0}, [this] { // never from inside a caller of ours
        if (auto fn = std::exchange(closed_, nullptr))
            fn();
    });
}

} // namespace panto::http
