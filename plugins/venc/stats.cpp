// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/venc/stats.h"

#include <algorithm>
#include <vector>

namespace panto::venc
{

void Stats::note_frame(std::chrono::microseconds took, bool keyframe, bool copied,
                       std::optional<int> qp)
{
    const std::lock_guard lock{mutex_};
    const auto us = uint64_t(took.count());
    took_us_[figures_.frames++ % kKept] = uint32_t(us);
    figures_.idr += keyframe;
    figures_.copies += copied;
    figures_.average_qp = qp;
    figures_.encode_max_us = std::max(figures_.encode_max_us, us);
}

void Stats::note_dropped()
{
    const std::lock_guard lock{mutex_};
    ++figures_.dropped;
}

void Stats::note_late()
{
    const std::lock_guard lock{mutex_};
    ++figures_.late;
}

void Stats::note_failed()
{
    const std::lock_guard lock{mutex_};
    ++figures_.failed;
}

void Stats::note_reopened()
{
    const std::lock_guard lock{mutex_};
    ++figures_.reopened;
}

Stats::Figures Stats::figures() const
{
    std::unique_lock lock{mutex_};
    Figures f = figures_;
    std::vector<uint32_t> took(took_us_.begin(),
                               took_us_.begin() + ptrdiff_t(std::min<uint64_t>(f.frames, kKept)));
    lock.unlock();
    const auto at = [&](size_t percent) -> uint64_t {
        if (took.empty())
            return 0;
        const auto n = took.begin() + ptrdiff_t((took.size() - 1) * percent / 100);
        std::nth_element(took.begin(), n, took.end());
        return *n;
    };
    f.encode_p50_us = at(50);
    f.encode_p95_us = at(95);
    f.encode_p99_us = at(99);
    return f;
}

void Stats::reset()
{
    const std::lock_guard lock{mutex_};
    figures_ = {};
}

} // namespace panto::venc
