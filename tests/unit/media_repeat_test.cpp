// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/media/repeat.h"

#include <gtest/gtest.h>

using namespace panto;
using namespace panto::media;

namespace
{

class RepeatTest : public testing::Test
{
protected:
    static void SetUpTestSuite() { gst_init(nullptr, nullptr); }

    static Ref<GstSample> sample(GstClockTime pts, bool still = false)
    {
        GstBuffer *buffer = gst_buffer_new_allocate(nullptr, 16, nullptr);
        GST_BUFFER_PTS(buffer) = pts;
        if (still)
            GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DROPPABLE);
        auto made = Ref<GstSample>::adopt(gst_sample_new(buffer, nullptr, nullptr, nullptr));
        gst_buffer_unref(buffer);
        return made;
    }
    static GstBuffer *buffer(const Ref<GstSample> &s) { return gst_sample_get_buffer(s.get()); }
    Ref<GstSample> changed(GstClockTime pts) { return repeat.in_place_of(sample(pts).get()); }
    Ref<GstSample> still(GstClockTime pts) { return repeat.in_place_of(sample(pts, true).get()); }

    Repeat repeat;
};

} // namespace

TEST_F(RepeatTest, HasTheDecoderDecodeTheFirstFrameAndEachThatShowsSomethingNew)
{
    EXPECT_FALSE(still(1));
    repeat.decoded(sample(1).get());
    EXPECT_FALSE(changed(2));
}

TEST_F(RepeatTest, GivesWhatWasDecodedAgainForAFrameThatShowsNothingNew)
{
    changed(1);
    const auto picture = sample(1);
    repeat.decoded(picture.get());
    for (GstClockTime pts : {2, 3}) {
        const auto again = still(pts);
        ASSERT_TRUE(again);
        EXPECT_EQ(GST_BUFFER_PTS(buffer(again)), pts);
        EXPECT_TRUE(GST_BUFFER_FLAG_IS_SET(buffer(again), GST_BUFFER_FLAG_DROPPABLE));
        EXPECT_EQ(gst_buffer_peek_memory(buffer(again), 0),
                  gst_buffer_peek_memory(buffer(picture), 0));
    }
}

TEST_F(RepeatTest, GivesNothingOldWhileTheDecoderWorks)
{
    changed(1);
    repeat.decoded(sample(1).get());
    changed(2);
    EXPECT_FALSE(still(3)) << "2 is not decoded yet";
    repeat.decoded(sample(2).get());
    EXPECT_FALSE(still(4)) << "3 is not decoded yet";
    repeat.decoded(sample(4).get());
    EXPECT_TRUE(still(5));
}

TEST_F(RepeatTest, GivesNothingOldToWhoComesBack)
{
    changed(1);
    repeat.decoded(sample(1).get());
    repeat.forget(); // whatever came meanwhile
    EXPECT_FALSE(still(9));
}
