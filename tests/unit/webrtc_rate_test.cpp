// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/webrtc/rate.h"

#include <gtest/gtest.h>

using namespace panto;
using namespace panto::webrtc;
using namespace std::chrono_literals;

namespace
{

constexpr unsigned kCeiling = 4000;

/// A viewer who reports once a second; what its way does not bear waits in a queue or is lost.
class RateTest : public testing::Test
{
protected:
    void report(Sample s)
    {
        s.first = now;
        now += 1s;
        rate.take(s, now);
    }
    /// Seconds of a stream of that rate.
    void seconds(unsigned n, unsigned sent, unsigned bears = 1000000)
    {
        for (; n > 0; --n)
            report({.packets = std::max(sent / 10, 1u),
                    .lost = sent > bears ? 1 - double(bears) / sent : 0,
                    .sent_kbps = sent,
                    .arrived_kbps = std::min(sent, bears),
                    .overdue = sent > bears ? 300ms : 5ms});
    }
    /// Seconds of a stream that follows what the way is thought to bear.
    void follow(unsigned n, unsigned bears)
    {
        for (; n > 0; --n)
            seconds(1, rate.kbps(), bears);
    }
    void late(std::chrono::milliseconds overdue)
    {
        report({.packets = 400, .sent_kbps = 4000, .arrived_kbps = 4000, .overdue = overdue});
    }

    Rate rate{kCeiling};
    Time now{};
};

} // namespace

TEST_F(RateTest, ThinksThatTheWayBearsAllToBeginWith)
{
    EXPECT_EQ(rate.kbps(), kCeiling);
    EXPECT_EQ(rate.reason(), "");
}

TEST_F(RateTest, StaysAtTheTopWhileReportsAreGood)
{
    seconds(60, 4000);
    EXPECT_EQ(rate.kbps(), kCeiling);
}

TEST_F(RateTest, ComesDownToWhatArrivesAtOnce)
{
    seconds(1, 4000, 500);
    EXPECT_GT(rate.kbps(), 400u);
    EXPECT_LT(rate.kbps(), 450u);
    EXPECT_EQ(rate.reason(), "88 % of the packets got lost");
}

TEST_F(RateTest, PassesOverWhatTellsOfTheTimeBeforeItCameDown)
{
    seconds(1, 4000, 500);
    const unsigned once = rate.kbps();
    const Time down = now;
    rate.take({.first = down - 100ms, .packets = 99, .lost = 0.5, .overdue = 2s}, now += 1s);
    EXPECT_EQ(rate.kbps(), once);
    rate.take({.first = down + 900ms, .packets = 99, .lost = 0.5, .overdue = 5ms}, now += 1s);
    EXPECT_LT(rate.kbps(), once);
}

TEST_F(RateTest, StaysAboutWhatTheWayBears)
{
    seconds(1, 4000, 500);
    for (int i = 0; i < 300; ++i) {
        follow(1, 500);
        EXPECT_GT(rate.kbps(), 350u) << i;
        EXPECT_LT(rate.kbps(), 600u) << i;
    }
}

TEST_F(RateTest, FailsMoreRarelyTheMoreOftenItHasFailed)
{
    seconds(1, 4000, 500);
    std::vector<int> after;
    for (int n = 0, all = 0; after.size() < 3 && all < 1000; ++n, ++all) {
        const unsigned before = rate.kbps();
        follow(1, 500);
        if (rate.kbps() < before)
            after.push_back(std::exchange(n, 0));
    }
    ASSERT_EQ(after.size(), 3u);
    EXPECT_GT(after[1], after[0] * 3 / 2);
    EXPECT_GT(after[2], after[1] * 3 / 2);
}

TEST_F(RateTest, LosesNoRateToAFewLostPackets)
{
    for (int i = 0; i < 30; ++i)
        report({.packets = 400, .lost = 0.05, .sent_kbps = 4000, .arrived_kbps = 3800});
    EXPECT_EQ(rate.kbps(), kCeiling);
}

TEST_F(RateTest, TakesALossOfHardlyAnyPacketsForChance)
{
    report({.packets = 2, .lost = 0.5, .sent_kbps = 10, .arrived_kbps = 5});
    EXPECT_EQ(rate.kbps(), kCeiling);
}

TEST_F(RateTest, TakesPacketsThatAreLateAgainForAQueueOnTheWay)
{
    late(10ms);
    late(300ms);
    EXPECT_EQ(rate.kbps(), kCeiling) << "a machine was busy for a moment";
    late(300ms);
    EXPECT_LT(rate.kbps(), 3500u);
    EXPECT_EQ(rate.reason(), "packets take 300 ms and more to arrive");
}

TEST_F(RateTest, TakesPacketsThatAreVeryLateForAQueueAtOnce)
{
    late(10ms);
    late(600ms);
    EXPECT_LT(rate.kbps(), 3500u);
}

TEST_F(RateTest, GetsUsedToAWayThatIsLong)
{
    for (int i = 0; i < 30; ++i)
        late(i % 2 ? 300ms : 330ms);
    EXPECT_EQ(rate.kbps(), kCeiling) << "it was so from the start";
    for (int i = 0; i < 600; ++i)
        late(700ms);
    EXPECT_EQ(rate.kbps(), kCeiling) << "it has become so";
}

TEST_F(RateTest, TakesABreakForNoMoreThanIt)
{
    late(5ms);
    report({.packets = 0, .sent_kbps = 4000, .arrived_kbps = 0, .overdue = 900ms});
    EXPECT_EQ(rate.kbps(), kCeiling / 2);
}

TEST_F(RateTest, ComesBackWithinAMinuteOnceTheWayBearsIt)
{
    seconds(1, 4000, 500);
    follow(20, 500);
    follow(60, 10000);
    EXPECT_EQ(rate.kbps(), kCeiling);
    EXPECT_EQ(rate.reason(), "");
}

TEST_F(RateTest, ComesBackWithinThreeMinutesThoughTheScreenIsStill)
{
    seconds(1, 4000, 500);
    seconds(30, 1);
    EXPECT_LT(rate.kbps(), kCeiling) << "nothing shows yet that it bears more";
    seconds(150, 1);
    EXPECT_EQ(rate.kbps(), kCeiling);
}

TEST_F(RateTest, NeverGoesBelowWhatCanBeRead)
{
    for (int i = 0; i < 50; ++i)
        report({.packets = 20, .lost = 1, .sent_kbps = 100});
    EXPECT_EQ(rate.kbps(), 100u);
}

TEST_F(RateTest, FollowsAnotherCeiling)
{
    rate.ceiling(8000);
    EXPECT_EQ(rate.kbps(), 8000u);
    seconds(1, 8000, 3000);
    const unsigned borne = rate.kbps();
    rate.ceiling(9000);
    EXPECT_EQ(rate.kbps(), borne);
    rate.ceiling(1000);
    EXPECT_EQ(rate.kbps(), 1000u);
    EXPECT_EQ(rate.reason(), "");
}

// Who gets which stream.

namespace
{

constexpr Watching full(unsigned kbps)
{
    return {Tier::Full, kbps};
}
constexpr Watching low(unsigned kbps)
{
    return {Tier::Low, kbps};
}
using Tiers = std::vector<Tier>;

} // namespace

TEST(PlanTest, GivesAllTheFullStreamWhileAllBearIt)
{
    const Plan p = plan({full(4000), full(4000)}, false, 4000, 1000);
    EXPECT_EQ(p.full_kbps, 4000u);
    EXPECT_EQ(p.tiers, (Tiers{Tier::Full, Tier::Full}));
}

TEST(PlanTest, GivesTheLowStreamToWhoCannotKeepUpAndLeavesTheFullOneAsItIs)
{
    const Plan p = plan({full(4000), full(450), full(700)}, false, 4000, 1000);
    EXPECT_EQ(p.full_kbps, 4000u);
    EXPECT_EQ(p.tiers, (Tiers{Tier::Full, Tier::Low, Tier::Low}));
    EXPECT_EQ(p.low_kbps, 450u) << "the worst of them has to bear it";
}

TEST(PlanTest, MakesTheFullStreamForAViewerWhoIsAlone)
{
    const Plan p = plan({full(450)}, false, 4000, 1000);
    EXPECT_EQ(p.full_kbps, 450u);
    EXPECT_EQ(p.tiers, Tiers{Tier::Full});
}

TEST(PlanTest, KeepsTheFullStreamForOthersWhoseWayIsNotKnown)
{
    const Plan p = plan({full(450)}, true, 4000, 1000);
    EXPECT_EQ(p.full_kbps, 4000u);
    EXPECT_EQ(p.tiers, Tiers{Tier::Low});
}

TEST(PlanTest, TheLowStreamHasACeilingOfItsOwn)
{
    EXPECT_EQ(plan({full(4000), full(2000)}, false, 4000, 1000).low_kbps, 1000u);
}

TEST(PlanTest, WhoChangedOnceDoesNotChangeBackForALittle)
{
    for (const Watching v : {full(2800), low(2800)})
        EXPECT_EQ(plan({full(4000), v}, false, 4000, 1000).tiers[1], v.tier);
    EXPECT_EQ(plan({full(4000), low(3500)}, false, 4000, 1000).tiers[1], Tier::Full);
    EXPECT_EQ(plan({full(4000), full(2300)}, false, 4000, 1000).tiers[1], Tier::Low);
}

TEST(PlanTest, WithoutViewersNothingIsHeldBack)
{
    EXPECT_EQ(plan({}, false, 4000, 1000).full_kbps, 4000u);
}
