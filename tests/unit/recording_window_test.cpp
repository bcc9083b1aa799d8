// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/recording/window.h"

#include <gtest/gtest.h>

using namespace panto;
using namespace panto::recording;
using namespace std::chrono_literals;

namespace
{

class WindowTest : public testing::Test
{
protected:
    static void SetUpTestSuite() { gst_init(nullptr, nullptr); }

    /// An access unit of 1000 bytes, captured at that second, of a picture of that width.
    void add(int second, bool key, bool lost = false, int width = 640)
    {
        GstBuffer *buffer = gst_buffer_new_allocate(nullptr, 1000, nullptr);
        GST_BUFFER_PTS(buffer) = GstClockTime(second) * GST_SECOND;
        if (!key)
            GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
        const auto caps = Ref<GstCaps>::adopt(gst_caps_new_simple(
            "video/x-h264", "width", G_TYPE_INT, width, "height", G_TYPE_INT, 480, nullptr));
        auto unit = Ref<GstSample>::adopt(gst_sample_new(buffer, caps.get(), nullptr, nullptr));
        gst_buffer_unref(buffer);
        window.add(unit.get(), lost);
    }
    /// "K" for each key frame, "d" for each other, "|" between two runs.
    std::string kept() const
    {
        std::string out;
        for (const auto &run : window.runs()) {
            out += out.empty() ? "" : "|";
            for (const auto &unit : run)
                out += is_key_frame(unit.get()) ? "K" : "d";
        }
        return out;
    }

    Window window{100'000};
};

} // namespace

TEST_F(WindowTest, KeepsNothingUnlessItIsWished)
{
    add(0, true);
    EXPECT_EQ(kept(), "");
}

TEST_F(WindowTest, BeginsAtAKeyFrame)
{
    window.resize(10s);
    add(0, false);
    add(1, true);
    add(2, false);
    EXPECT_EQ(kept(), "Kd");
    EXPECT_EQ(window.kept(), 1s);
    EXPECT_EQ(window.bytes(), 2000u);
}

TEST_F(WindowTest, DropsAGroupWhenWhatComesBehindItIsLongEnough)
{
    window.resize(4s);
    for (int second = 0; second < 7; ++second)
        add(second, second % 3 == 0); // K d d K d d K
    EXPECT_EQ(kept(), "KddKddK") << "from the second key frame on there are but 3 s";
    add(7, false);
    EXPECT_EQ(kept(), "KddKd");
    EXPECT_EQ(window.kept(), 4s);
    EXPECT_EQ(window.bytes(), 5000u);
}

TEST_F(WindowTest, DropsTheOldestGroupWhenItIsTooLarge)
{
    Window small{3500};
    std::swap(window, small);
    window.resize(100s);
    add(0, true);
    add(1, false);
    add(2, true);
    add(3, false);
    EXPECT_EQ(kept(), "Kd");
    EXPECT_EQ(window.kept(), 1s);
}

TEST_F(WindowTest, KeepsNothingOfAGroupThatIsTooLargeAlone)
{
    Window small{1500};
    std::swap(window, small);
    window.resize(100s);
    add(0, true);
    add(1, false);
    add(2, false);
    EXPECT_EQ(kept(), "");
    EXPECT_EQ(window.bytes(), 0u);
    add(3, true);
    EXPECT_EQ(kept(), "K");
}

TEST_F(WindowTest, GoesOnAtTheNextKeyFrameBehindAGap)
{
    window.resize(10s);
    add(0, true);
    add(2, false, true);
    add(3, false);
    EXPECT_EQ(kept(), "K");
    add(4, true);
    add(5, false);
    EXPECT_EQ(kept(), "KKd") << "and what was before the gap is kept";
}

TEST_F(WindowTest, BeginsARunWithEachPictureSize)
{
    window.resize(10s);
    add(0, true);
    add(1, false);
    add(2, true);
    add(3, true, false, 800);
    add(4, false, false, 800);
    add(5, true);
    EXPECT_EQ(kept(), "KdK|Kd|K");
}

TEST_F(WindowTest, BeginsNoRunWithoutAKeyFrame)
{
    window.resize(10s);
    add(0, true);
    add(1, false, false, 800);
    add(2, true, false, 800);
    EXPECT_EQ(kept(), "K|K");
}

TEST_F(WindowTest, ForgetsAllWhenItIsWishedAway)
{
    window.resize(10s);
    add(0, true);
    window.resize(0s);
    EXPECT_EQ(kept(), "");
    EXPECT_EQ(window.bytes(), 0u);
}

TEST_F(WindowTest, IsShortenedAtOnce)
{
    window.resize(100s);
    for (int second = 0; second < 20; ++second)
        add(second, second % 2 == 0);
    window.resize(3s);
    EXPECT_EQ(window.kept(), 3s);
}
