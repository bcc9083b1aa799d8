// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/hidsink/queue.h"

#include "lib/usbhid/report.h"

#include <algorithm>
#include <cstdlib>

namespace panto
{
namespace
{

bool is_pointer(size_t size)
{
    return size == hid::kRelativeSize || size == hid::kAbsoluteSize;
}

} // namespace

Report::Report(std::span<const uint8_t> bytes) : size_{uint8_t(std::min(bytes.size(), kMost))}
{
    std::copy_n(bytes.begin(), size_, bytes_.begin());
}

bool Report::operator==(const Report &o) const
{
    return size_ == o.size_ && bytes_ == o.bytes_;
}

bool Report::held() const
{
    const size_t counted = is_pointer(size_) ? 1 : size_;
    return std::any_of(bytes_.begin(), bytes_.begin() + counted, [](uint8_t b) { return b; });
}

Report Report::released() const
{
    Report out = *this;
    out.bytes_ = {};
    if (size_ == hid::kAbsoluteSize)
        std::copy_n(bytes_.begin() + 1, 4, out.bytes_.begin() + 1);
    return out;
}

std::optional<Report> Report::merge(const Report &first, const Report &second)
{
    if (first.size_ != second.size_ || !is_pointer(first.size_) ||
        first.bytes_[0] != second.bytes_[0])
        return {};
    Report out = second;
    const size_t first_step = first.size_ == hid::kAbsoluteSize ? 5 : 1; // the wheel, or all
    for (size_t i = first_step; i < out.size_; ++i) {
        const int sum = int8_t(first.bytes_[i]) + int8_t(second.bytes_[i]);
        if (std::abs(sum) > 127)
            return {};
        out.bytes_[i] = uint8_t(sum);
    }
    return out;
}

void ReportQueue::push(const Report &report, Time now)
{
    const auto last = last_.find(report.size());
    const bool known = last != last_.end();
    const bool may_move = known && last->second.bytes()[0] == report.bytes()[0];
    if (known)
        last->second = report;
    else
        last_.emplace(report.size(), report);

    if (!waiting_.empty() && waiting_.back().may_move && may_move)
        if (const auto both = Report::merge(waiting_.back().report, report)) {
            waiting_.back().report = *both;
            return;
        }
    waiting_.push_back({report, now, may_move});
}

} // namespace panto
