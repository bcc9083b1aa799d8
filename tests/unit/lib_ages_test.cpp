// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/base/ages.h"

#include <gtest/gtest.h>
#include <thread>

using namespace panto;
using namespace std::chrono_literals;

TEST(Ages, OfNothingAreNone)
{
    const auto none = Ages{}.read();
    EXPECT_EQ(none.pictures, 0u);
    EXPECT_EQ(none.p99, 0us);
}

TEST(Ages, AreOrderedByLengthAndNotByTime)
{
    Ages ages;
    for (int us = 100; us > 0; --us)
        ages.note(std::chrono::microseconds{us});
    const auto q = ages.read();
    EXPECT_EQ(q.pictures, 100u);
    EXPECT_EQ(q.p50, 50us);
    EXPECT_EQ(q.p95, 95us);
    EXPECT_EQ(q.p99, 99us);
}

TEST(Ages, GiveWayToNewerOnes)
{
    Ages ages;
    for (int i = 0; i < 512; ++i)
        ages.note(1s);
    for (int i = 0; i < 512; ++i)
        ages.note(1ms);
    const auto q = ages.read();
    EXPECT_EQ(q.pictures, 512u);
    EXPECT_EQ(q.p99, 1000us);
    EXPECT_EQ(ages.count(), 1024u);
}

TEST(Ages, NeverCountAPictureThatIsNewerThanNow)
{
    Ages ages;
    ages.note(-5us);
    ages.note(std::chrono::hours{24});
    EXPECT_EQ(ages.read().p50, 0us);
}

TEST(Ages, AreThoseSinceTheCapture)
{
    Ages ages;
    ages.note(Time{1000s}, Time{1000s} + 5ms);
    EXPECT_EQ(ages.read().p50, 5ms);
}

TEST(Ages, CanBeReadWhileTheyAreNoted)
{
    Ages ages;
    std::thread noting{[&] {
        for (int i = 0; i < 100'000; ++i)
            ages.note(7us);
    }};
    while (ages.count() < 100'000)
        if (const auto q = ages.read(); q.pictures) {
            EXPECT_LE(q.p99, 7us);
        }
    noting.join();
    EXPECT_EQ(ages.read().p50, 7us);
}

TEST(Ages, KnowHowOldTheNewestIsByNow)
{
    Ages ages;
    const Time now = steady_now();
    ages.note(now - 5ms, now);
    ages.note(now + 28ms, now + 30ms);
    EXPECT_EQ(ages.read(now + 130ms).newest, 102ms);
}
