// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/ages.h"

#include <optional>

namespace panto
{

/// Sent: what one viewer was sent: how many pictures, how old they were when they had left, and how
/// many bytes.
///
/// Threads  note() on one thread at a time, the rest on any
class Sent
{
public:
    explicit Sent(Time now = steady_now()) : before_{now}, begun_{now} {}

    /// A picture has left; when it was captured, if that is known.
    void note(std::optional<Time> captured, size_t bytes, Time now = steady_now())
    {
        if (captured)
            ages_.note(*captured, now);
        if (now - begun_.load(kRelaxed) >= kSpan) {
            bytes_before_.store(bytes_begun_, kRelaxed);
            before_.store(begun_.load(kRelaxed), kRelaxed);
            bytes_begun_ = bytes_.load(kRelaxed);
            begun_.store(now, kRelaxed);
        }
        bytes_.fetch_add(bytes, kRelaxed);
        frames_.fetch_add(1, kRelaxed);
    }

    const Ages &ages() const { return ages_; }
    uint64_t frames() const { return frames_.load(kRelaxed); }
    uint64_t bytes() const { return bytes_.load(kRelaxed); }

    /// Of the last one or two seconds, and of the time since then while nothing leaves. A picture
    /// that leaves meanwhile may count or not.
    unsigned kbps(Time now = steady_now()) const
    {
        using Seconds = std::chrono::duration<double>;
        const Time::duration span = std::max<Time::duration>(now - before_.load(kRelaxed), kSpan);
        return unsigned(double(bytes() - bytes_before_.load(kRelaxed)) * 8 / 1000 /
                        Seconds{span}.count());
    }

private:
    static constexpr auto kRelaxed = std::memory_order_relaxed;
    static constexpr std::chrono::seconds kSpan{1};

    Ages ages_;
    std::atomic<uint64_t> frames_ = 0, bytes_ = 0;
    std::atomic<Time> before_, begun_;       // when the span before this one began, and this one
    std::atomic<uint64_t> bytes_before_ = 0; // by then
    uint64_t bytes_begun_ = 0;               // the noting thread's own
};

} // namespace panto
