// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/http/outlet.h"
#include "daemon/http/stream.h"
#include "lib/base/alive.h"
#include "lib/glib/loop_thread.h"

#include <functional>
#include <map>
#include <memory>

namespace panto::http
{

/// Fanout: sends the same parts to many streams, on a thread of its own, so that neither waits for
/// what the main loop does nor the main loop for them.
///
/// Owner    the streams are the main loop's; the thread has an Outlet on each, which dies first
/// Threads  main loop, but for send()
class Fanout
{
public:
    Fanout() = default;
    Fanout(const Fanout &) = delete;
    Fanout &operator=(const Fanout &) = delete;

    /// Takes a stream over, until its peer or its session goes. It gets `first`, the first fields
    /// of a part's head, and the newest part at once.
    /// What it is sent is counted in `delivery`.
    void add(std::unique_ptr<Stream> stream, const std::string &first, Shows shows,
             std::shared_ptr<Delivery> delivery);
    size_t size() const { return streams_.size(); }
    /// The part that was sent last, or null; on the main loop.
    void newest(std::function<void(SharedPart)> done);
    /// When the last stream has gone.
    void on_empty(std::function<void()> fn) { empty_ = std::move(fn); }

    /// Where to call send().
    GMainContext *context() const { return thread_.context(); }
    /// `lost`: so many parts were to be sent since the one before, and will not be.
    void send(SharedPart part, size_t lost = 0);

private:
    struct Seat {
        std::unique_ptr<Outlet> outlet;
        Shows shows;
    };

    void seat(unsigned id, const Transport &transport, std::string first, Shows shows,
              const std::shared_ptr<Delivery> &delivery);
    void unseat(unsigned id);
    void repeat_last();
    void gone(unsigned id);

    std::map<unsigned, std::unique_ptr<Stream>> streams_;
    unsigned last_id_ = 0;
    std::function<void()> empty_;
    Self<Fanout> self_{this};
    // The thread's own.
    std::map<unsigned, Seat> seats_;
    size_t repeating_ = 0; // how many of them want the last part twice
    SharedPart newest_;
    Source series_end_;
    LoopThread thread_{"fanout"}; // the last member: ends before what it works on
};

} // namespace panto::http
