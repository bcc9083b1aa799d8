// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/webrtc/feeding.h"

#include <gst/app/gstappsrc.h>
#include <gtest/gtest.h>
#include <vector>

using namespace panto;
using namespace panto::webrtc;

namespace
{

/// A peer's queue that nobody empties, with the numbers of the pictures that got into it.
class FeedingTest : public testing::Test
{
protected:
    static void SetUpTestSuite() { gst_init(nullptr, nullptr); }

    void push(unsigned stream, GstClockTime pts, bool key = false)
    {
        GstBuffer *buffer = gst_buffer_new_allocate(nullptr, 10, nullptr);
        GST_BUFFER_PTS(buffer) = pts;
        if (!key)
            GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
        auto sample = Ref<GstSample>::adopt(gst_sample_new(buffer, nullptr, nullptr, nullptr));
        gst_buffer_unref(buffer);
        feeding.push(stream, sample.get());
    }
    void key(unsigned stream, GstClockTime pts) { push(stream, pts, true); }
    uint64_t frames() { return feeding.counts().frames; }

    Ref<GstElement> appsrc = Ref<GstElement>::sink(gst_element_factory_make("appsrc", nullptr));
    std::vector<unsigned> wanted, began;
    Feeding feeding{appsrc,
                    {[this](unsigned stream) { wanted.push_back(stream); },
                     [this](unsigned stream) { began.push_back(stream); }}};
};

using Streams = std::vector<unsigned>;

} // namespace

TEST_F(FeedingTest, IsShutAtFirst)
{
    key(1, 1);
    push(1, 2);
    EXPECT_EQ(frames(), 0u);
}

TEST_F(FeedingTest, BeginsAtAKeyFrame)
{
    feeding.choose(1);
    push(1, 1);
    EXPECT_EQ(frames(), 0u);
    key(1, 2);
    push(1, 3);
    EXPECT_EQ(frames(), 2u);
    EXPECT_EQ(began, Streams{1});
}

TEST_F(FeedingTest, GoesOnWithTheOneStreamUntilTheOtherHasAKeyFrame)
{
    feeding.choose(1);
    key(1, 1);
    feeding.choose(2);
    push(2, 2);
    push(1, 2);
    EXPECT_EQ(frames(), 2u) << "the picture of 1";
    key(2, 3);
    push(1, 4);
    EXPECT_EQ(frames(), 3u) << "the key frame of 2, and no more of 1";
    push(2, 4);
    EXPECT_EQ(frames(), 4u);
    EXPECT_EQ(began, (Streams{1, 2}));
}

TEST_F(FeedingTest, SendsNobodyBackInTime)
{
    feeding.choose(1);
    key(1, 10);
    feeding.choose(2);
    key(2, 9);
    EXPECT_EQ(frames(), 1u);
    EXPECT_EQ(wanted, Streams{2}) << "another one";
    key(2, 11);
    EXPECT_EQ(frames(), 2u);
}

TEST_F(FeedingTest, DropsUpToAKeyFrameWhenTheQueueIsFull)
{
    feeding.choose(1);
    key(1, 1);
    for (GstClockTime pts = 2; pts <= 20; ++pts)
        push(1, pts);
    EXPECT_EQ(frames(), 12u);
    EXPECT_EQ(feeding.counts().queue_full, 1u);
    EXPECT_EQ(feeding.counts().awaiting_key_frame, 7u);
    EXPECT_EQ(wanted, Streams{1}) << "asked for once";
    key(1, 21);
    EXPECT_EQ(frames(), 13u);
}

TEST_F(FeedingTest, CountsWhatItGives)
{
    feeding.choose(1);
    key(1, 1);
    push(1, 2);
    EXPECT_EQ(feeding.counts().bytes, 20u);
}

TEST_F(FeedingTest, CanBeShutAgain)
{
    feeding.choose(1);
    key(1, 1);
    feeding.choose(0);
    key(1, 2);
    EXPECT_EQ(frames(), 1u);
}
