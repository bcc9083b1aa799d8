// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/media/frame_skip.h"

#include <gtest/gtest.h>

using namespace panto::media;

namespace
{

constexpr unsigned kKbps = 4000;
constexpr size_t kMuch = 16000, kLittle = 30; // bytes of a picture at that rate

class FrameSkipTest : public testing::Test
{
protected:
    FrameSkipTest() { skip.bit_rate(kKbps); }

    /// A picture a thirtieth of a second after the one before, and what an encoder makes of it.
    bool takes(bool still, size_t bytes)
    {
        now += GST_SECOND / 30;
        const bool taken = skip.takes(still, now);
        if (taken)
            skip.made(bytes);
        return taken;
    }
    bool moving(size_t bytes = kMuch) { return takes(false, bytes); }
    bool still(size_t bytes) { return takes(true, bytes); }
    /// How many of so many seconds' still pictures are taken.
    unsigned taken_in(unsigned seconds, size_t bytes = kLittle)
    {
        unsigned taken = 0;
        for (unsigned i = 0; i < seconds * 30; ++i)
            taken += still(bytes);
        return taken;
    }
    /// A picture that was seen to come to rest.
    void settle()
    {
        moving();
        taken_in(2);
    }

    FrameSkip skip;
    GstClockTime now = 1000 * GST_SECOND;
};

} // namespace

TEST_F(FrameSkipTest, TakesWhatMoves)
{
    for (int i = 0; i < 100; ++i)
        EXPECT_TRUE(moving());
}

TEST_F(FrameSkipTest, TakesTheFirstPictureThoughItIsStill)
{
    EXPECT_TRUE(still(kMuch));
}

TEST_F(FrameSkipTest, TakesAStillPictureAgainAsLongAsItBecomesBetter)
{
    moving();
    for (int i = 0; i < 40; ++i)
        EXPECT_TRUE(still(kMuch)) << i;
}

TEST_F(FrameSkipTest, TakesAPictureEveryEighteenOnceHardlyAByteComesOut)
{
    settle();
    EXPECT_EQ(taken_in(12), 20u);
}

TEST_F(FrameSkipTest, LittleIsNotEnoughBehindAPictureThatLeftNothingForIt)
{
    moving();
    for (int i = 0; i < 7; ++i)
        EXPECT_TRUE(still(kLittle)) << i;
    EXPECT_TRUE(still(kMuch));
    EXPECT_TRUE(still(kLittle));
}

TEST_F(FrameSkipTest, TakesASmallChangeOnlyAFewTimesMore)
{
    settle();
    EXPECT_TRUE(moving(1500));
    EXPECT_LE(taken_in(1), 5u); // with the one of each 0.6 s
}

TEST_F(FrameSkipTest, GivesUpOnAnEncoderThatNeverComesToRest)
{
    moving();
    EXPECT_EQ(taken_in(10, kMuch), 300u);
    EXPECT_NEAR(taken_in(12, kMuch), 20u, 1);
}

TEST_F(FrameSkipTest, TakesAStillPictureAtOnceWhenWoken)
{
    settle();
    skip.wake();
    EXPECT_TRUE(still(kMuch));
    EXPECT_TRUE(still(kMuch)) << "the key frame has to become sharp, too";
}

TEST_F(FrameSkipTest, TakesEachStillPictureForAnEncoderWithoutABitRate)
{
    skip.bit_rate(0);
    EXPECT_EQ(taken_in(2), 60u);
}

TEST_F(FrameSkipTest, TakesNoMorePicturesThanTheLimit)
{
    skip.limit_rate(10);
    unsigned taken = 0;
    for (int i = 0; i < 60; ++i)
        taken += moving();
    EXPECT_NEAR(taken, 20, 1);
}

TEST_F(FrameSkipTest, AChangeThatCameTooSoonIsMadeUpFor)
{
    settle();
    skip.limit_rate(10);
    ASSERT_TRUE(moving(kLittle));
    taken_in(1);
    ASSERT_TRUE(moving(kLittle));
    EXPECT_FALSE(moving(kLittle)) << "too soon";
    EXPECT_FALSE(still(kLittle)) << "too soon";
    EXPECT_TRUE(still(kLittle)) << "nobody has seen it yet";
}
