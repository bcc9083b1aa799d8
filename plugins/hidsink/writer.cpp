// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/hidsink/writer.h"

#include <algorithm>
#include <csignal>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>

namespace panto
{

namespace
{

constexpr auto kStall = std::chrono::milliseconds{50}; // later than this no idle machine wakes us

} // namespace

ReportWriter::ReportWriter(std::unique_ptr<Target> target, bool open, Options options,
                           Counts &counts, Events events)
    : target_{std::move(target)}, options_{options}, counts_{counts}, events_{std::move(events)},
      wake_{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)}
{
    if (!open)
        lose(Link::Gone, options_.clock());
    thread_ = std::thread{[this] { run(); }};
}

ReportWriter::~ReportWriter()
{
    {
        std::lock_guard lock{mutex_};
        stop_by_ = options_.clock() + options_.write_timeout;
    }
    wake();
    thread_.join();
}

void ReportWriter::wake()
{
    const uint64_t one = 1;
    (void)!::write(wake_.get(), &one, sizeof one);
}

bool ReportWriter::push(const Report &report)
{
    {
        std::unique_lock lock{mutex_};
        room_.wait(lock, [&] { return interrupted_ || !queue_.full(); });
        if (interrupted_)
            return false;
        seen_.insert_or_assign(report.size(), report);
        if (link_ == Link::Offline || link_ == Link::Gone) {
            ++counts_.dropped;
            ++counts_.received;
            return true;
        }
        queue_.push(report, options_.clock());
        count_waiting();
        ++counts_.received;
    }
    wake();
    return true;
}

bool ReportWriter::drain()
{
    std::unique_lock lock{mutex_};
    room_.wait(lock, [&] { return interrupted_ || queue_.empty(); });
    return !interrupted_;
}

void ReportWriter::interrupt(bool on)
{
    {
        std::lock_guard lock{mutex_};
        interrupted_ = on;
    }
    room_.notify_all();
}

void ReportWriter::flush()
{
    {
        std::lock_guard lock{mutex_};
        queue_.clear();
        release();
    }
    room_.notify_all();
    wake();
}

/// Puts what the host may still believe to be down up again, before anything else is sent.
void ReportWriter::release()
{
    releases_.clear();
    for (const auto &[size, report] : seen_)
        releases_.push_back(report.released());
}

void ReportWriter::drop_queue()
{
    counts_.dropped += queue_.size();
    queue_.clear();
    release();
    room_.notify_all();
}

void ReportWriter::lose(Link link, Time now)
{
    link_ = link;
    full_ = false;
    leds_.reset(); // whoever is at the cable next says the same again, and is to be heard
    drop_queue();
    retry_at_ = now + options_.retry;
}

/// Opens the node again: the old descriptor may work once more, or belong to a gadget taken apart.
void ReportWriter::find_again(Time now)
{
    if (!target_->open())
        return lose(Link::Gone, now);
    const auto outcome = target_->probe();
    if (outcome == Target::Outcome::Offline || outcome == Target::Outcome::Gone)
        return lose(outcome == Target::Outcome::Gone ? Link::Gone : Link::Offline, now);
    link_ = Link::Online;
    release();
}

/// Notices while nothing is sent that the host went: the kernel does not say so by itself. A node
/// of a gadget that was taken apart is found out here, too, and opened anew.
void ReportWriter::check_host(Time now)
{
    if (!idle() || now < check_at_)
        return;
    check_at_ = now + options_.check;
    const auto outcome = target_->probe();
    if (outcome == Target::Outcome::Offline || outcome == Target::Outcome::Gone)
        return lose(outcome == Target::Outcome::Gone ? Link::Gone : Link::Offline, now);
    const bool full = outcome == Target::Outcome::Full;
    if (full && std::exchange(unfetched_, true) && link_ == Link::Online) {
        link_ = Link::Asleep;
        find_full(now);
        release();
    } else if (!full) {
        unfetched_ = full_ = false;
        link_ = Link::Online;
    }
}

void ReportWriter::find_full(Time since)
{
    if (!std::exchange(full_, true))
        full_since_ = since;
}

bool ReportWriter::deliver(const Report &report)
{
    const Time now = options_.clock();
    switch (target_->write(report.bytes())) {
    case Target::Outcome::Taken:
        ++counts_.sent;
        written_.insert_or_assign(report.size(), report);
        link_ = Link::Online;
        full_ = unfetched_ = false;
        check_at_ = now + options_.check;
        return true;
    case Target::Outcome::Full:
        find_full(now);
        return false;
    case Target::Outcome::Offline:
        lose(Link::Offline, now);
        return false;
    case Target::Outcome::Gone:
        lose(Link::Gone, now);
        return false;
    }
    return false;
}

/// Writes until the host takes no more; gives up on what has waited too long.
void ReportWriter::deliver(Time now)
{
    while (!releases_.empty() && deliver(releases_.front()))
        releases_.erase(releases_.begin());
    if (releases_.empty())
        while (!queue_.empty() && deliver(queue_.front())) {
            queue_.pop();
            room_.notify_all();
        }
    if (full_ && now >= deadline()) {
        link_ = Link::Asleep;
        drop_queue();
    }
}

/// When the host must have taken the first report by.
Time ReportWriter::deadline() const
{
    if (queue_.empty())
        return Time::max();
    return std::max(queue_.front_since(), full_since_) + options_.write_timeout;
}

bool ReportWriter::finished(Time now)
{
    if (!stop_by_)
        return false;
    if (now >= *stop_by_ || link_ == Link::Offline || link_ == Link::Gone) {
        drop_queue();
        return true;
    }
    if (!queue_.empty() || !releases_.empty())
        return false;
    if (std::exchange(released_, true))
        return true;
    for (const auto &[size, report] : written_)
        if (report.held())
            releases_.push_back(report.released());
    return releases_.empty();
}

Time ReportWriter::next_look() const
{
    const bool lost = link_ == Link::Offline || link_ == Link::Gone;
    Time until = lost ? retry_at_ : Time::max();
    if (full_)
        until = std::min(until, deadline());
    if (!lost && idle() && target_->can_go())
        until = std::min(until, check_at_);
    if (stop_by_)
        until = std::min(until, *stop_by_);
    const Time now = options_.clock();
    // After a flush or a stop there may be more to write at once.
    if (!full_ && !lost && (!releases_.empty() || !queue_.empty() || stop_by_))
        until = now;
    return until;
}

/// Sleeps until there is something to do, which is `now`; what poll() says of the target.
short ReportWriter::wait(std::unique_lock<std::mutex> &lock, Time &now)
{
    const bool lost = link_ == Link::Offline || link_ == Link::Gone;
    const Time until = next_look();
    pollfd fds[] = {{wake_.get(), POLLIN, 0},
                    {lost ? -1 : target_->fd(), short(POLLIN | (full_ ? POLLOUT : 0)), 0}};
    using std::chrono::ceil;
    const int timeout_ms =
        until == Time::max()
            ? -1
            : int(std::max<int64_t>(
                  0, ceil<std::chrono::milliseconds>(until - options_.clock()).count()));
    lock.unlock();
    ::poll(fds, 2, timeout_ms);
    uint64_t wakes = 0;
    (void)!::read(wake_.get(), &wakes, sizeof wakes);
    lock.lock();
    now = options_.clock();
    if (until != Time::max() && now - until > kStall)
        full_since_ = now; // the host may not have run either, or not since its reports were ready
    return fds[1].revents;
}

void ReportWriter::announce(std::unique_lock<std::mutex> &lock)
{
    const Link link = link_;
    const uint64_t dropped = counts_.dropped;
    lock.unlock();
    if (link != std::exchange(announced_, link))
        events_.link(link, dropped);
    if (std::exchange(announced_leds_, leds_) != leds_ && leds_)
        events_.leds(*leds_);
    lock.lock();
}

void ReportWriter::run()
{
    ::pthread_setname_np(::pthread_self(), "hidsink");
    sigset_t all;
    ::sigfillset(&all); // also SIGPIPE, from a FIFO in place of a node
    ::pthread_sigmask(SIG_BLOCK, &all, nullptr);

    std::unique_lock lock{mutex_};
    for (Time now = options_.clock();;) {
        if ((link_ == Link::Offline || link_ == Link::Gone) && now >= retry_at_)
            find_again(now);
        if (link_ == Link::Online || link_ == Link::Asleep)
            deliver(now);
        if (link_ == Link::Online || link_ == Link::Asleep)
            check_host(now);
        count_waiting();
        announce(lock);
        if (finished(options_.clock()))
            return;
        const short ready = wait(lock, now);
        bool broken = ready & (POLLERR | POLLHUP | POLLNVAL);
        if (ready & POLLIN)
            if (const auto leds = target_->read_leds(broken))
                leds_ = leds;
        if (broken)
            lose(Link::Gone, options_.clock());
    }
}

} // namespace panto
