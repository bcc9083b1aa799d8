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
