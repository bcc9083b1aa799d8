// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/media/frame_skip.h"

#include "daemon/config/pipeline_file.h"

namespace panto::media
{

namespace
{

/// Of the least time between two pictures: what a source's own unsteadiness may take of it.
constexpr GstClockTime kSlack = GST_MSECOND * 4;
constexpr GstClockTime kHeartbeat = config::kStillMs * GST_MSECOND;
/// Encoders that never come to rest have so many pictures.
constexpr unsigned kMostAgain = 300;
/// A picture that took much leaves an encoder nothing for those behind it (its VBV is empty for 6
/// pictures), so that these are small and yet not sharp.
constexpr unsigned kCalm = 8;
constexpr unsigned kSmall = 3;

} // namespace

bool FrameSkip::takes(bool still, GstClockTime captured)
{
    const GstClockTime last = last_, least = interval_;
    const bool known = last != GST_CLOCK_TIME_NONE && captured >= last;
    if (least > 0 && known && captured - last + kSlack < least) {
        if (!still)
            missed_ = true;
        return false;
    }
    const bool woken = woken_.exchange(false), missed = missed_.exchange(false);
    const bool again = known && still && !woken && !missed && kbps_ > 0;
    if (!again) {
        left_ = kMostAgain;
        small_ = 0;
    } else if (left_ > 0 && !sharp()) {
        --left_;
    } else {
        left_ = 0;
        if (captured - last + kSlack < kHeartbeat)
            return false;
    }
    last_ = captured;
    return true;
}

void FrameSkip::made(size_t bytes)
{
    const size_t share = size_t(kbps_) * 1000 / 8 / 30; // of each picture, at the usual 30 a second
    small_ = bytes <= share / 32 ? small_ + 1 : 0;
    calm_ = bytes <= share / 2 ? calm_ + 1 : 0;
}

bool FrameSkip::sharp() const
{
    return small_ >= kSmall && calm_ >= kCalm;
}

} // namespace panto::media
