// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/base/sent.h"

#include <gtest/gtest.h>

using namespace panto;
using namespace std::chrono_literals;

namespace
{

constexpr Time kBegin{1000s};

/// A picture of so many bytes each 100 ms, from then on, for so long; the end of it.
Time send(Sent &sent, Time from, std::chrono::milliseconds time, size_t bytes)
{
    for (auto at = 0ms; at < time; at += 100ms)
        sent.note(from + at - 7ms, bytes, from + at);
    return from + time;
}

} // namespace

TEST(Sent, OfNothingIsNothing)
{
    const Sent sent{kBegin};
    EXPECT_EQ(sent.frames(), 0u);
    EXPECT_EQ(sent.bytes(), 0u);
    EXPECT_EQ(sent.kbps(kBegin), 0u);
    EXPECT_EQ(sent.ages().count(), 0u);
}

TEST(Sent, CountsPicturesTheirBytesAndTheirAges)
{
    Sent sent{kBegin};
    sent.note(kBegin - 5ms, 1000, kBegin);
    sent.note(kBegin + 1s - 5ms, 500, kBegin + 1s);
    EXPECT_EQ(sent.frames(), 2u);
    EXPECT_EQ(sent.bytes(), 1500u);
    EXPECT_EQ(sent.ages().read().p50, 5ms);
}

TEST(Sent, CountsAPictureWhoseCaptureIsNotKnownWithoutAnAge)
{
    Sent sent{kBegin};
    sent.note({}, 1000, kBegin);
    EXPECT_EQ(sent.frames(), 1u);
    EXPECT_EQ(sent.ages().count(), 0u);
}

TEST(Sent, TellsTheRateOfTheLastSecondOrTwo)
{
    Sent sent{kBegin};
    Time now = send(sent, kBegin, 10s, 12500); // each 100 ms
    EXPECT_NEAR(sent.kbps(now), 1000, 60);
    now = send(sent, now, 2s, 125000);
    EXPECT_NEAR(sent.kbps(now), 10000, 600) << "what was before does not count";
}

TEST(Sent, TellsLessAndLessWhileNothingLeaves)
{
    Sent sent{kBegin};
    const Time now = send(sent, kBegin, 10s, 12500);
    EXPECT_LT(sent.kbps(now + 8s), 250u);
    EXPECT_GT(sent.kbps(now + 8s), sent.kbps(now + 80s));
}

TEST(Sent, TakesTheFirstMomentForNoMoreThanItIs)
{
    Sent sent{kBegin};
    sent.note({}, 125000, kBegin);
    EXPECT_EQ(sent.kbps(kBegin + 1ms), 1000u) << "as if it had taken a second";
}
