// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/clock.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <vector>

namespace panto
{

/// Ages: how old pictures were when they got to one place of their way, since their capture.
///
/// Keeps the last 512; an older one gives way.
///
/// Threads  note() on one thread at a time, read() on any
class Ages
{
public:
    using Age = std::chrono::microseconds;

    struct Quantiles {
        size_t pictures = 0; ///< that the others are of
        Age p50{0}, p95{0}, p99{0};
        Age newest{0}; ///< how old the last picture is by now
    };

    /// A picture that was captured then has got here.
    void note(Time captured, Time now = steady_now())
    {
        const Age age = std::chrono::duration_cast<Age>(now - captured);
        newest_.store(captured, std::memory_order_relaxed);
        const size_t n = noted_.load(std::memory_order_relaxed);
        const int64_t us = std::clamp<int64_t>(age.count(), 0, UINT32_MAX);
        last_[n % last_.size()].store(uint32_t(us), std::memory_order_relaxed);
        noted_.store(n + 1, std::memory_order_release);
    }

    void note(Age age, Time now = steady_now()) { note(now - age, now); }

    /// One of them may be newer than the rest, which does no harm.
    Quantiles read(Time now = steady_now()) const
    {
        const size_t n = std::min(noted_.load(std::memory_order_acquire), last_.size());
        if (n == 0)
            return {};
        std::vector<uint32_t> ages(n);
        for (size_t i = 0; i < n; ++i)
            ages[i] = last_[i].load(std::memory_order_relaxed);
        std::sort(ages.begin(), ages.end());
        const auto at = [&](size_t percent) { return Age{ages[(n - 1) * percent / 100]}; };
        const Time newest = newest_.load(std::memory_order_relaxed);
        return {n, at(50), at(95), at(99), std::chrono::duration_cast<Age>(now - newest)};
    }

    /// All that were noted.
    uint64_t count() const { return noted_.load(std::memory_order_relaxed); }

private:
    std::array<std::atomic<uint32_t>, 512> last_{};
    std::atomic<size_t> noted_ = 0;
    std::atomic<Time> newest_;
};

} // namespace panto
