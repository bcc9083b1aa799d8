// SPDX-License-Identifier: LGPL-2.1-or-later
/// ReportWriter: carries reports to a target on a thread of its own, however the host behaves.
///
/// A gadget's host may stop asking (asleep), be unplugged (offline), or the node may go away
/// (gone). What waits then is dropped and counted, and the first report after that is one with all
/// keys and buttons up, since the host may have missed their release.
///
/// Drops    the whole queue, when the host takes nothing for write_timeout while we look on: a time
///          in which this process did not run says nothing about the host
/// Threads  push(), drain() and flush() on one thread, interrupt() and the counts on any; the
///          callbacks come on the writer's own thread with no lock held
#pragma once

#include "lib/base/fd.h"
#include "plugins/hidsink/queue.h"
#include "plugins/hidsink/target.h"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace panto
{

class ReportWriter
{
public:
    enum class Link { Online, Asleep, Offline, Gone };

    struct Options {
        std::chrono::milliseconds write_timeout{100};
        std::chrono::milliseconds retry{200}; ///< between attempts to find the host again
        std::chrono::milliseconds check{500}; ///< between looks for the host while nothing is sent
        Clock clock = steady_now;
    };
    struct Counts {
        std::atomic<uint64_t> sent{0};
        std::atomic<uint64_t> dropped{0};
        std::atomic<uint64_t> waiting{0};
        std::atomic<uint64_t> received{0}; ///< once counted, it is among the others, too
    };
    struct Events {
        std::function<void(Link, uint64_t dropped)> link; ///< on change only
        std::function<void(uint8_t)> leds;                ///< on change, and when first known
    };

    /// Begins with a target that is open, or that is to be waited for.
    ReportWriter(std::unique_ptr<Target> target, bool open, Options options, Counts &counts,
                 Events events);
    /// Delivers what waits and lets go of what is held, for write_timeout at most.
    ~ReportWriter();
    ReportWriter(const ReportWriter &) = delete;
    ReportWriter &operator=(const ReportWriter &) = delete;

    bool accepts(size_t size) const { return target_->accepts(size); }
    /// Queues a report; waits for room. False when interrupted.
    bool push(const Report &report);
    /// Waits until everything queued is delivered or dropped. False when interrupted.
    bool drain();
    /// Makes push() and drain() return at once, until told otherwise.
    void interrupt(bool on);
    /// Discards what waits, and lets go of what is held.
    void flush();

private:
    void run();
    bool finished(Time now);
    void find_again(Time now);
    void check_host(Time now);
    bool idle() const { return queue_.empty() && releases_.empty(); }
    void count_waiting() { counts_.waiting = queue_.size(); } // all-ups are nobody's
    void deliver(Time now);
    bool deliver(const Report &report);
    void lose(Link link, Time now);
    void find_full(Time since);
    void drop_queue();
    void release();
    Time deadline() const;
    void announce(std::unique_lock<std::mutex> &lock);
    Time next_look() const;
    short wait(std::unique_lock<std::mutex> &lock, Time &now);
    void wake();

    const std::unique_ptr<Target> target_;
    const Options options_;
    Counts &counts_;
    const Events events_;
    Fd wake_;

    std::mutex mutex_; // guards all below
    std::condition_variable room_;
    ReportQueue queue_;
    std::vector<Report> releases_;            // go before the queue
    std::map<size_t, Report> seen_, written_; // the newest of each length
    Link link_ = Link::Online;
    bool full_ = false; // the last write was refused
    Time full_since_{};
    bool interrupted_ = false;
    Time retry_at_{}, check_at_{};
    bool unfetched_ = false; // at the last look a report was not fetched
    std::optional<Time> stop_by_;
    bool released_ = false; // after stop_by_ was set

    // The writer's thread alone
    Link announced_ = Link::Online;
    std::optional<uint8_t> leds_, announced_leds_;

    std::thread thread_;
};

} // namespace panto
