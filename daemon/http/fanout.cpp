// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/http/fanout.h"

namespace panto::http
{

namespace
{

/// After so long without another part a series is over.
constexpr auto kSeriesEnd = std::chrono::milliseconds{100};

} // namespace

void Fanout::add(std::unique_ptr<Stream> stream, const std::string &first, Shows shows,
                 std::shared_ptr<Delivery> delivery)
{
    const unsigned id = ++last_id_;
    stream->on_expired([this, id] { thread_.post([this, id] { unseat(id); }); });
    thread_.post([=, this, transport = stream->transport(), head = stream->head() + first] {
        seat(id, transport, head, shows, delivery);
    });
    streams_[id] = std::move(stream);
}

/// The main loop lets the stream go only when it hears that its seat is free.
void Fanout::seat(unsigned id, const Transport &transport, std::string first, Shows shows,
                  const std::shared_ptr<Delivery> &delivery)
{
    if (shows == Shows::AtTheNextHead)
        first += "\r\n";
    const auto head = std::make_shared<const Part>(Part{std::move(first), {}, {}});
    auto outlet = std::make_unique<Outlet>(
        transport, head, shows, delivery, [this, id] { thread_.post([this, id] { unseat(id); }); });
    if (newest_) // a still screen sends nothing new for a while
        outlet->send(newest_);
    seats_[id] = {std::move(outlet), shows};
    repeating_ += shows == Shows::AtTheNext;
}

void Fanout::unseat(unsigned id)
{
    const auto at = seats_.find(id);
    if (at == seats_.end())
        return;
    repeating_ -= at->second.shows == Shows::AtTheNext;
    seats_.erase(at);
    if (seats_.empty()) {
        newest_.reset();
        series_end_ = {};
    }
    post([weak = self_.weak(), id] {
        if (auto *self = alive(weak))
            self->gone(id);
    });
}

void Fanout::gone(unsigned id)
{
    streams_.erase(id);
    if (streams_.empty() && empty_)
        empty_();
}

void Fanout::send(SharedPart part, size_t lost)
{
    if (seats_.empty())
        return; // it would be old when somebody comes
    newest_ = std::move(part);
    for (const auto &[id, seat] : seats_)
        seat.outlet->send(newest_, lost);
    if (repeating_ > 0)
        series_end_ = after(kSeriesEnd, [this] { repeat_last(); });
}

void Fanout::repeat_last()
{
    for (const auto &[id, seat] : seats_)
        if (seat.shows == Shows::AtTheNext)
            seat.outlet->send_again(newest_);
}

void Fanout::newest(std::function<void(SharedPart)> done)
{
    // Moved all the way: its last copy must not die on this thread.
    thread_.post([this, done = std::move(done)]() mutable {
        post([part = newest_, done = std::move(done)] { done(part); });
    });
}

} // namespace panto::http
