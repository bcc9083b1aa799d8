// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/media/even.h"

#include <gst/video/video.h>
#include <gtest/gtest.h>

namespace
{

using namespace panto;

/// Each byte is different from those beside it and above.
Ref<GstSample> picture_of(const char *format, int width, int height)
{
    auto caps = Ref<GstCaps>::adopt(gst_caps_new_simple(
        "video/x-raw", "format", G_TYPE_STRING, format, "width", G_TYPE_INT, width, "height",
        G_TYPE_INT, height, "framerate", GST_TYPE_FRACTION, 30, 1, nullptr));
    GstVideoInfo info;
    EXPECT_TRUE(gst_video_info_from_caps(&info, caps.get()));
    auto buffer = Ref<GstBuffer>::adopt(gst_buffer_new_allocate(nullptr, info.size, nullptr));
    GstMapInfo map;
    EXPECT_TRUE(gst_buffer_map(buffer.get(), &map, GST_MAP_WRITE));
    for (gsize i = 0; i < map.size; ++i)
        map.data[i] = guint8(i * 37 + i / 251);
    gst_buffer_unmap(buffer.get(), &map);
    return Ref<GstSample>::adopt(gst_sample_new(buffer.get(), caps.get(), nullptr, nullptr));
}

/// A picture that can be looked at.
class Seen
{
public:
    explicit Seen(const Ref<GstSample> &picture) : picture_{picture}
    {
        GstVideoInfo info;
        EXPECT_TRUE(gst_video_info_from_caps(&info, gst_sample_get_caps(picture_.get())));
        EXPECT_TRUE(gst_video_frame_map(&frame, &info, gst_sample_get_buffer(picture_.get()),
                                        GST_MAP_READ));
    }
    ~Seen() { gst_video_frame_unmap(&frame); }
    Seen(const Seen &) = delete;
    Seen &operator=(const Seen &) = delete;

    int width() const { return GST_VIDEO_FRAME_WIDTH(&frame); }
    int height() const { return GST_VIDEO_FRAME_HEIGHT(&frame); }
    guint8 at(guint component, int x, int y) const
    {
        const auto *data =
            static_cast<const guint8 *>(GST_VIDEO_FRAME_COMP_DATA(&frame, component));
        return data[y * GST_VIDEO_FRAME_COMP_STRIDE(&frame, component) +
                    x * GST_VIDEO_FRAME_COMP_PSTRIDE(&frame, component)];
    }

    GstVideoFrame frame{};

private:
    Ref<GstSample> picture_;
};

struct EvenSize : testing::Test {
    static void SetUpTestSuite() { gst_init(nullptr, nullptr); }
};

struct EvenSizeOf : EvenSize, testing::WithParamInterface<const char *> {
};

TEST_P(EvenSizeOf, LeavesOutTheLastColumnAndRowAndMovesNothing)
{
    const auto odd = picture_of(GetParam(), 21, 13), even = media::even_sized(odd.get());
    const Seen before{odd}, after{even};
    ASSERT_EQ(after.width(), 20);
    ASSERT_EQ(after.height(), 12);
    for (guint c = 0; c < 3; ++c)
        for (int y = 0; y < GST_VIDEO_FRAME_COMP_HEIGHT(&after.frame, c); ++y)
            for (int x = 0; x < GST_VIDEO_FRAME_COMP_WIDTH(&after.frame, c); ++x)
                ASSERT_EQ(after.at(c, x, y), before.at(c, x, y)) << c << ' ' << x << ' ' << y;
    EXPECT_EQ(gst_buffer_peek_memory(gst_sample_get_buffer(even.get()), 0),
              gst_buffer_peek_memory(gst_sample_get_buffer(odd.get()), 0));
}

INSTANTIATE_TEST_SUITE_P(EachFormat, EvenSizeOf,
                         testing::Values("I420", "NV12", "YUY2", "BGR", "Y42B"));

TEST_F(EvenSize, IsPassedOnAsItIs)
{
    const auto even = picture_of("I420", 20, 12);
    EXPECT_EQ(media::even_sized(even.get()).get(), even.get());
}

TEST_F(EvenSize, IsMadeOfOneOddSideToo)
{
    const auto even = media::even_sized(picture_of("NV12", 20, 13).get());
    const Seen seen{even};
    EXPECT_EQ(seen.width(), 20);
    EXPECT_EQ(seen.height(), 12);
}

} // namespace
