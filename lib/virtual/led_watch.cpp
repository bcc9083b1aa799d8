// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/virtual/led_watch.h"

#include "lib/virtual/locked.h"

#include <algorithm>
#include <sys/timerfd.h>

namespace panto
{
namespace
{

/// Makes it readable at that time of the steady clock; never, at the end of time.
void ring(const Fd &timer, Time at)
{
    using namespace std::chrono;
    itimerspec when = {};
    if (at != Time::max()) {
        const auto since = std::max<nanoseconds>(at.time_since_epoch(), 1ns); // 0 would disarm it
        when.it_value.tv_sec = time_t(duration_cast<seconds>(since).count());
        when.it_value.tv_nsec = long((since % 1s).count());
    }
    ::timerfd_settime(timer.get(), TFD_TIMER_ABSTIME, &when, nullptr);
}

} // namespace

LedWatch::LedWatch(VirtualComputer &computer)
    : computer_{computer}, timer_{::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)}
{
    g_assert(timer_);
    VirtualComputer::Locked locked{*computer_.machine_};
    locked.machine.watches.push_back(this);
}

LedWatch::~LedWatch()
{
    VirtualComputer::Locked locked{*computer_.machine_};
    std::erase(locked.machine.watches, this);
}

VirtualComputer::Leds LedWatch::look()
{
    VirtualComputer::Locked locked{*computer_.machine_};
    seen_ = locked.machine.lit();
    ring(timer_, Time::max());
    rings_ = Time::max();
    return *seen_;
}

VirtualComputer::Leds VirtualComputer::Machine::lit() const
{
    return {leds, state != State::Off, busy_until.has_value()};
}

void VirtualComputer::Machine::tell()
{
    Time next = Time::max(); // of those events that LEDs follow
    for (const auto &when : {busy_until, shut_down_at_, cut_at_})
        if (when)
            next = std::min(next, *when);
    for (LedWatch *watch : watches) {
        const Time at = watch->seen_ == lit() ? next : Time{};
        if (at != std::exchange(watch->rings_, at))
            ring(watch->timer_, at);
    }
}

} // namespace panto
