// SPDX-License-Identifier: LGPL-2.1-or-later
/// ReportQueue: HID reports on their way to a host, in the order they came.
///
/// Drops    nothing; a pointer report may be merged into the one before it
/// Threads  none of its own; the writer's lock guards it
#pragma once

#include "lib/base/clock.h"

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <vector>

namespace panto
{

/// The bytes of one report.
class Report
{
public:
    static constexpr size_t kMost =
        64; ///< Source: USB 2.0, 5.7.3: an interrupt packet at full speed

    explicit Report(std::span<const uint8_t> bytes);

    std::span<const uint8_t> bytes() const { return {bytes_.data(), size_}; }
    size_t size() const { return size_; }
    bool operator==(const Report &o) const;

    /// The same with every key and button up; a pointer stays where it is.
    Report released() const;
    /// Whether a key or a button is down.
    bool held() const;

    /// One report in place of first and second, if nobody can tell: both of a pointer, with the
    /// same buttons, and no step grows too large for its byte.
    static std::optional<Report> merge(const Report &first, const Report &second);

private:
    uint8_t size_;
    std::array<uint8_t, kMost> bytes_{};
};

class ReportQueue
{
public:
    static constexpr size_t kMost = 64; ///< half a second of reports at 125 Hz

    bool empty() const { return waiting_.empty(); }
    bool full() const { return waiting_.size() >= kMost; }
    size_t size() const { return waiting_.size(); }

    /// Puts a report behind the others, or merges it into the last.
    void push(const Report &report, Time now);
    const Report &front() const { return waiting_.front().report; }
    Time front_since() const { return waiting_.front().since; }
    void pop() { waiting_.pop_front(); }
    void clear() { waiting_.clear(); }

private:
    struct Waiting {
        Report report;
        Time since;
        bool may_move; // a report that pressed or let go a button says where that was
    };
    std::deque<Waiting> waiting_;
    std::map<size_t, Report> last_; // the newest report of each length
};

} // namespace panto
