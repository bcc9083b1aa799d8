// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/auth/throttle.h"

#include <gtest/gtest.h>

using namespace panto;
using namespace panto::auth;
using namespace std::chrono_literals;

namespace
{

/// A throttle of 3 failures and 60 s, with a clock to turn.
class ThrottleTest : public testing::Test
{
protected:
    void fail(int times, const std::string &address = "a")
    {
        for (int i = 0; i < times; ++i)
            throttle.failed(address);
    }
    Time now{1h};
    Throttle throttle{60s, 3, [this] { return now; }};
};

} // namespace

TEST_F(ThrottleTest, LocksAtTheLastAllowedFailure)
{
    fail(2);
    EXPECT_FALSE(throttle.locked("a"));
    fail(1);
    EXPECT_TRUE(throttle.locked("a"));
    EXPECT_FALSE(throttle.locked("b"));
}

TEST_F(ThrottleTest, UnlocksAfterTheDurationAndCountsAnew)
{
    fail(3);
    now += 59s;
    EXPECT_TRUE(throttle.locked("a"));
    now += 1s;
    EXPECT_FALSE(throttle.locked("a"));
    fail(2);
    EXPECT_FALSE(throttle.locked("a"));
    fail(1);
    EXPECT_TRUE(throttle.locked("a"));
}

TEST_F(ThrottleTest, LocksForTwiceAsLongEachTimeUpToAnHour)
{
    for (const auto lockout : {60s, 120s, 240s, 480s, 960s, 1920s, 3600s, 3600s}) {
        fail(3);
        now += lockout - 1s;
        EXPECT_TRUE(throttle.locked("a")) << lockout.count();
        now += 1s;
        EXPECT_FALSE(throttle.locked("a")) << lockout.count();
    }
}

TEST_F(ThrottleTest, ForgetsFormerLockoutsAfterADayOrALogin)
{
    const auto first_lockout = [this](auto forget) {
        fail(3);
        now += 60s;
        ASSERT_FALSE(throttle.locked("a"));
        forget();
        fail(3);
        now += 60s;
        EXPECT_FALSE(throttle.locked("a"));
        throttle.succeeded("a");
    };
    first_lockout([this] { now += 24h + 1s; });
    first_lockout([this] { throttle.succeeded("a"); });
}

TEST_F(ThrottleTest, ForgetsFailuresLongerAgoThanTheDuration)
{
    fail(2);
    now += 61s;
    fail(2);
    EXPECT_FALSE(throttle.locked("a"));
}

TEST_F(ThrottleTest, ForgivesAllAfterASuccess)
{
    fail(2);
    throttle.succeeded("a");
    fail(2);
    EXPECT_FALSE(throttle.locked("a"));
    EXPECT_EQ(throttle.size(), 1u);
}

TEST_F(ThrottleTest, EmptiesItsTableWhenItIsFull)
{
    fail(3);
    for (size_t i = 0; i < Throttle::kMostAddresses; ++i)
        throttle.failed(std::to_string(i));
    EXPECT_LE(throttle.size(), Throttle::kMostAddresses);
    EXPECT_FALSE(throttle.locked("a"));
}

TEST_F(ThrottleTest, SweepsOutWhoHasBeenQuiet)
{
    fail(1);
    now += 6h;
    throttle.failed("b");
    EXPECT_EQ(throttle.size(), 1u);
}

TEST(Throttle, NeverLocksWhenTheDurationIsZero)
{
    Throttle throttle{0s, 1};
    for (int i = 0; i < 10; ++i)
        throttle.failed("a");
    EXPECT_FALSE(throttle.locked("a"));
    EXPECT_EQ(throttle.size(), 0u);
}

TEST_F(ThrottleTest, LocksByWhatCountsNowAndKeepsItsWordToWhoIsLockedOut)
{
    fail(3);
    throttle.change(600s, 2);
    EXPECT_TRUE(throttle.locked("a"));
    now += 60s;
    EXPECT_FALSE(throttle.locked("a"));
    fail(2, "b");
    now += 599s;
    EXPECT_TRUE(throttle.locked("b"));
}

TEST_F(ThrottleTest, LetsEverybodyInOnceItNeverLocks)
{
    fail(3);
    throttle.change(0s, 3);
    EXPECT_FALSE(throttle.locked("a"));
}
