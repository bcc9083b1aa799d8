// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/auth/throttle.h"

#include <algorithm>

namespace panto::auth
{

namespace
{

constexpr std::chrono::hours kSweepEvery{6};
constexpr std::chrono::minutes kIdle{30};
constexpr std::chrono::hours kLongestLockout{1};
constexpr std::chrono::hours kMemory{24};
constexpr unsigned kMostDoublings = 12; // 1 s becomes more than an hour

} // namespace

Throttle::Throttle(std::chrono::seconds duration, unsigned max_failures, Clock clock)
    : duration_{duration}, max_failures_{max_failures}, clock_{std::move(clock)}, swept_{clock_()}
{
}

void Throttle::change(std::chrono::seconds duration, unsigned max_failures)
{
    duration_ = duration;
    max_failures_ = max_failures;
    if (duration_ == duration_.zero())
        records_.clear();
}

bool Throttle::locked(const std::string &address)
{
    const auto found = records_.find(address);
    if (found == records_.end() || found->second.failures < max_failures_)
        return false;
    if (clock_() < found->second.locked_until)
        return true;
    found->second.failures = 0; // served its time: counting starts anew
    return false;
}

void Throttle::failed(const std::string &address)
{
    if (duration_ == duration_.zero())
        return;
    const Time now = clock_();
    sweep(now);
    if (records_.size() >= kMostAddresses && !records_.count(address))
        records_.clear();

    Record &record = records_[address];
    if (now - record.last > kMemory)
        record = {};
    if (record.failures > 0 && now - record.last > duration_)
        record.failures = 0;
    ++record.failures;
    record.last = now;
    if (record.failures < max_failures_)
        return;
    const auto longest = std::max<std::chrono::seconds>(kLongestLockout, duration_);
    record.locked_until =
        now + std::min(duration_ * (1u << std::min(record.lockouts, kMostDoublings)), longest);
    ++record.lockouts;
}

void Throttle::succeeded(const std::string &address)
{
    records_.erase(address);
}

void Throttle::sweep(Time now)
{
    if (now - swept_ < kSweepEvery)
        return;
    swept_ = now;
    const auto idle = std::max<std::chrono::seconds>(kIdle, duration_);
    std::erase_if(records_, [now, idle](const auto &entry) {
        const Record &r = entry.second;
        return r.locked_until <= now && now - r.last > (r.lockouts ? kMemory : idle);
    });
}

} // namespace panto::auth
