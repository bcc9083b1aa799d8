// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/http/stream.h"

#include "daemon/http/transport.h"

#include <sys/socket.h>

namespace panto::http
{

namespace
{

constexpr auto kStallLimit = std::chrono::seconds{20};
constexpr int kSendBufferBytes = 256 * 1024;

/// Takes over a new GPollable*Stream source.
Source watch(GSource *s, std::function<bool()> fn)
{
    g_source_set_callback(s, G_SOURCE_FUNC(+[](GObject *, gpointer p) -> gboolean {
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
    const Transport transport = transport_of(connection);
    in_ = G_POLLABLE_INPUT_STREAM(g_io_stream_get_input_stream(transport.io));
    out_ = G_POLLABLE_OUTPUT_STREAM(g_io_stream_get_output_stream(transport.io));
    g_socket_set_timeout(transport.socket, 0); // kStallLimit is ours
    g_socket_set_option(transport.socket, SOL_SOCKET, SO_SNDBUF, kSendBufferBytes, nullptr);
    readable_ = watch(g_pollable_input_stream_create_source(in_, nullptr), [this] {
        char ignored[512];
        GError *error = nullptr;
        const gssize n =
            g_pollable_input_stream_read_nonblocking(in_, ignored, sizeof ignored, nullptr, &error);
        const bool later = n < 0 && g_error_matches(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
        g_clear_error(&error);
        if (n > 0 || later)
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
        const gssize n = g_pollable_output_stream_write_nonblocking(
            out_, current_->data() + offset_, current_->size() - offset_, nullptr, &error);
        if (n < 0) {
            const bool full = g_error_matches(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
            g_error_free(error);
            if (!full)
                return end();
            if (!stalled_)
                stalled_ = after(kStallLimit, [this] { end(); });
            writable_ = watch(g_pollable_output_stream_create_source(out_, nullptr), [this] {
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
