// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/http/outlet.h"

#include <array>
#include <string_view>

namespace panto::http
{

namespace
{

constexpr auto kStallLimit = std::chrono::seconds{20};

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

/// The pieces of a part that come after its first `offset` bytes.
struct Rest {
    std::array<GOutputVector, 5> pieces;
    size_t count = 0;

    Rest(const Part &part, Shows shows, size_t offset)
    {
        gsize size = 0;
        const void *body = part.body ? g_bytes_get_data(part.body.get(), &size) : nullptr;
        // A head that comes before its part can say nothing of it: it ends with the first fields.
        const bool ahead = shows == Shows::AtTheNextHead && size > 0;
        using View = std::string_view;
        const View head = ahead ? View{} : View{part.head}, end = ahead ? View{"\r\n"} : View{};
        const View time = shows == Shows::WithItsTime ? View{part.time} : View{};
        for (const View piece :
             {time, head, View{static_cast<const char *>(body), size}, View{part.tail}, end}) {
            if (offset < piece.size())
                pieces[count++] = {piece.data() + offset, piece.size() - offset};
            offset -= std::min(offset, piece.size());
        }
    }
};

} // namespace

Outlet::Outlet(const Transport &transport, SharedPart first, Shows shows,
               std::shared_ptr<Delivery> delivery, std::function<void()> ended)
    : in_{G_POLLABLE_INPUT_STREAM(g_io_stream_get_input_stream(transport.io))},
      out_{G_POLLABLE_OUTPUT_STREAM(g_io_stream_get_output_stream(transport.io))}, shows_{shows},
      delivery_{std::move(delivery)}, current_{std::move(first)}, ended_{std::move(ended)},
      readable_{
          watch(g_pollable_input_stream_create_source(in_, nullptr), [this] { return hear(); })}
{
    pump();
}

void Outlet::send(SharedPart part, size_t lost)
{
    delivery_->replaced += lost + (next_ && !next_again_);
    next_again_ = false;
    next_ = std::move(part);
    if (!writable_)
        pump();
}

void Outlet::send_again(SharedPart part)
{
    if (next_)
        return;
    next_again_ = true;
    next_ = std::move(part);
    if (!writable_)
        pump();
}

/// What a client says after its request does not matter; that it has gone does.
bool Outlet::hear()
{
    char ignored[512];
    GError *error = nullptr;
    const gssize n =
        g_pollable_input_stream_read_nonblocking(in_, ignored, sizeof ignored, nullptr, &error);
    const bool later = n < 0 && g_error_matches(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
    g_clear_error(&error);
    if (n > 0 || later)
        return true;
    end();
    return false;
}

void Outlet::pump()
{
    while (ended_ && (current_ || next_)) {
        if (!current_) {
            current_ = std::move(next_);
            again_ = std::exchange(next_again_, false);
            offset_ = 0;
        }
        if (!write_some())
            return;
    }
}

/// False when nothing more can be written now.
bool Outlet::write_some()
{
    const Rest rest{*current_, shows_, offset_};
    gsize written = 0;
    switch (g_pollable_output_stream_writev_nonblocking(out_, rest.pieces.data(), rest.count,
                                                        &written, nullptr, nullptr)) {
    case G_POLLABLE_RETURN_FAILED:
        end();
        return false;
    case G_POLLABLE_RETURN_WOULD_BLOCK:
        wait_for_room();
        return false;
    case G_POLLABLE_RETURN_OK:
        break;
    }
    stalled_ = {};
    offset_ += written;
    if (Rest{*current_, shows_, offset_}.count == 0)
        left();
    return true;
}

/// All of the current part is the kernel's.
void Outlet::left()
{
    if (current_->body && !again_) // else it is the head of the whole stream
        delivery_->sent.note(current_->captured, offset_);
    current_.reset();
}

void Outlet::wait_for_room()
{
    if (!stalled_)
        stalled_ = after(kStallLimit, [this] { end(); });
    writable_ = watch(g_pollable_output_stream_create_source(out_, nullptr), [this] {
        writable_ = {};
        pump();
        return false;
    });
}

void Outlet::end()
{
    for (Source *s : {&writable_, &readable_, &stalled_})
        *s = {};
    current_.reset();
    next_.reset();
    if (const auto fn = std::exchange(ended_, nullptr))
        fn();
}

} // namespace panto::http
