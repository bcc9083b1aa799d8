// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/kvmsrc/refusals.h"

#include <gtest/gtest.h>

using namespace panto;
using namespace panto::kvm;
using namespace std::chrono_literals;

namespace
{

const Mode kMode{1920, 1080, {30, 1}};
const Refusals::Asked kI420{V4L2_PIX_FMT_YUV420, kMode}, kNv12{V4L2_PIX_FMT_NV12, kMode};
const Error kOtherSize{Kind::Conflict, "the device set YU12 1920x540 instead"};
const Error kNoRoom{Kind::Unavailable, "cannot start the stream: No space left on device"};

} // namespace

TEST(Refusals, LetAnotherFormatBeTriedAtOnce)
{
    Refusals refusals;
    EXPECT_EQ(refusals.add(kI420, kOtherSize), 0ms);
    EXPECT_TRUE(refusals.has(kI420));
    EXPECT_FALSE(refusals.has(kNv12));
    EXPECT_EQ(refusals.add(kNv12, kOtherSize), 0ms);
    EXPECT_EQ(refusals.shown(), Signal{.state = State::Stalled}) << "nothing is settled yet";
}

TEST(Refusals, AskEverLessOftenOnceAllFormatsWereTried)
{
    Refusals refusals;
    refusals.add(kI420, kOtherSize);
    const auto first = refusals.add(kI420, kOtherSize);
    EXPECT_GE(first, 100ms);
    EXPECT_EQ(refusals.add(kI420, kOtherSize), 2 * first);
    for (int n = 0; n < 20; ++n)
        refusals.add(kI420, kOtherSize);
    const auto last = refusals.add(kI420, kOtherSize);
    EXPECT_GE(last, 5s);
    EXPECT_EQ(refusals.add(kI420, kOtherSize), last) << "but never give up";
}

TEST(Refusals, SayThatAModeIsOutOfRangeAndWhatTheDeviceDid)
{
    Refusals refusals;
    refusals.add(kI420, kOtherSize);
    refusals.add(kI420, kOtherSize);
    EXPECT_EQ(refusals.shown().state, State::OutOfRange);
    const Notice words = notice(refusals.shown(), "/dev/video0");
    EXPECT_EQ(words.reason, "Mode cannot be captured");
    EXPECT_NE(words.cure.find("another resolution: the device set YU12 1920x540 instead."),
              std::string::npos);
}

TEST(Refusals, SayWhyAStreamDoesNotStart)
{
    Refusals refusals;
    EXPECT_GE(refusals.add(kI420, kNoRoom), 100ms) << "another format would not help";
    EXPECT_FALSE(refusals.has(kI420));
    EXPECT_EQ(refusals.shown().state, State::Stalled);
    const Notice words = notice(refusals.shown(), "/dev/video0");
    EXPECT_NE(words.cure.find("No space left on device"), std::string::npos);
}

TEST(Refusals, BeginAnewWhenThereWasAPictureOrAnotherSignal)
{
    Refusals refusals;
    const auto first = refusals.add(kI420, kNoRoom);
    refusals.add(kI420, kNoRoom);
    refusals.settle();
    EXPECT_EQ(refusals.shown(), Signal{.state = State::Stalled});
    EXPECT_EQ(refusals.add(kI420, kNoRoom), first);
}

TEST(Refusals, KeepARefusedFormatTheLastChoiceOfItsMode)
{
    Refusals refusals;
    refusals.add(kI420, kOtherSize);
    refusals.settle();
    EXPECT_TRUE(refusals.has(kI420));
    EXPECT_FALSE(refusals.has({V4L2_PIX_FMT_YUV420, {1280, 720, {60, 1}}}));
}
