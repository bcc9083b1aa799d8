// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/kvmsrc/formats.h"

#include <gtest/gtest.h>
#include <string>

using namespace panto;
using namespace panto::kvm;

namespace
{

class Formats : public testing::Test
{
protected:
    static void SetUpTestSuite() { gst_init(nullptr, nullptr); }
};
using RateOf = testing::Test;

Ref<GstCaps> caps(const std::string &text)
{
    return Ref<GstCaps>::adopt(gst_caps_from_string(text.c_str()));
}

Ref<GstCaps> raw(const std::string &format, int width, int height)
{
    return caps("video/x-raw,format=" + format + ",width=" + std::to_string(width) +
                ",height=" + std::to_string(height) + ",framerate=30/1");
}

std::string text_of(const Ref<GstCaps> &c, const char *field)
{
    const char *text = gst_structure_get_string(gst_caps_get_structure(c.get(), 0), field);
    return text ? text : "";
}

Layout layout(unsigned width, unsigned height, unsigned row_bytes)
{
    Layout l;
    l.width = width;
    l.height = height;
    l.row_bytes = row_bytes;
    return l;
}

} // namespace

TEST_F(RateOf, TimingsIsWrittenAsPeopleWriteIt)
{
    EXPECT_EQ(tidy_rate(148500000, 2200 * 1125), (Rate{60, 1}));       // 1080p60
    EXPECT_EQ(tidy_rate(148351648, 2200 * 1125), (Rate{60000, 1001})); // and as NTSC has it
    EXPECT_EQ(tidy_rate(25175000, 800 * 525), (Rate{60000, 1001}));    // 640x480
    EXPECT_EQ(tidy_rate(74250000, 2750 * 1125), (Rate{24, 1}));
    EXPECT_EQ(tidy_rate(28322000, 900 * 449), (Rate{70087, 1000})); // 720x400 text mode
}

TEST_F(RateOf, TimingsWithoutAClockIsAnything)
{
    EXPECT_EQ(tidy_rate(0, 1000), (Rate{60, 1}));
    EXPECT_EQ(tidy_rate(1000, 0), (Rate{60, 1}));
    EXPECT_GT(tidy_rate(1, 1u << 30).numerator, 0u);
}

TEST_F(Formats, AreOfferedBestFirstAndOnlyThoseThatAreKnown)
{
    const auto all = to_caps({{V4L2_PIX_FMT_BGR24, 640, 480, {{30, 1}}},
                              {V4L2_PIX_FMT_SBGGR8, 640, 480, {{30, 1}}},
                              {V4L2_PIX_FMT_MJPEG, 640, 480, {{60, 1}, {30, 1}}},
                              {V4L2_PIX_FMT_NV12, 640, 480, {}}});
    ASSERT_EQ(gst_caps_get_size(all.get()), 3u);
    EXPECT_TRUE(gst_caps_can_intersect(all.get(), raw("NV12", 640, 480).get()));
    EXPECT_EQ(text_of(all, "format"), "NV12");
    EXPECT_STREQ(gst_structure_get_name(gst_caps_get_structure(all.get(), 1)), "image/jpeg");
    EXPECT_TRUE(gst_caps_is_subset(
        caps("image/jpeg,width=640,height=480,pixel-aspect-ratio=1/1,framerate=60/1").get(),
        all.get()));
}

TEST_F(Formats, AreFoundAgainFromCaps)
{
    for (const uint32_t fourcc : {V4L2_PIX_FMT_YUV420, V4L2_PIX_FMT_NV12, V4L2_PIX_FMT_YUYV,
                                  V4L2_PIX_FMT_UYVY, V4L2_PIX_FMT_MJPEG, V4L2_PIX_FMT_BGR24}) {
        const auto one = to_caps({{fourcc, 640, 480, {{30, 1}}}});
        EXPECT_EQ(fourcc_of(one.get()), fourcc);
        EXPECT_EQ(mode_of(one.get()), (Mode{640, 480, {30, 1}}));
    }
}

TEST_F(Formats, LieAsGStreamerHasThemWhenTheDriverPadsNothing)
{
    GstVideoInfo plain;
    const auto c = raw("NV12", 1920, 1080);
    ASSERT_TRUE(gst_video_info_from_caps(&plain, c.get()));
    const GstVideoInfo info = info_of(c, layout(1920, 1080, 1920));
    EXPECT_TRUE(gst_video_info_is_equal(&info, &plain));
}

TEST_F(Formats, LieWhereV4L2PutsThePlanesOfPaddedRows)
{
    const GstVideoInfo i420 = info_of(raw("I420", 1366, 768), layout(1366, 768, 1408));
    EXPECT_EQ(i420.stride[0], 1408);
    EXPECT_EQ(i420.stride[2], 704);
    EXPECT_EQ(i420.offset[1], 1408u * 768);
    EXPECT_EQ(i420.offset[2], 1408u * 768 + 704u * 384);
    EXPECT_EQ(i420.size, 1408u * 768 * 3 / 2);

    const GstVideoInfo nv12 = info_of(raw("NV12", 1366, 768), layout(1366, 768, 1408));
    EXPECT_EQ(nv12.stride[1], 1408);
    EXPECT_EQ(nv12.size, 1408u * 768 * 3 / 2);

    const GstVideoInfo nv16 = info_of(raw("NV16", 1366, 768), layout(1366, 768, 1408));
    EXPECT_EQ(nv16.size, 1408u * 768 * 2);

    const GstVideoInfo nv24 = info_of(raw("NV24", 1366, 768), layout(1366, 768, 1408));
    EXPECT_EQ(nv24.stride[1], 2816);
    EXPECT_EQ(nv24.size, 1408u * 768 * 3);

    const GstVideoInfo bgr = info_of(raw("BGR", 1366, 768), layout(1366, 768, 4160));
    EXPECT_EQ(bgr.stride[0], 4160);
    EXPECT_EQ(bgr.size, 4160u * 768);
}

TEST_F(Formats, TakeTheirColoursFromTheDriver)
{
    Layout l = layout(640, 480, 1280);
    const auto colours = [&](const char *format) {
        return text_of(with_colorimetry(raw(format, 640, 480), l), "colorimetry");
    };
    l.colorspace = V4L2_COLORSPACE_REC709;
    EXPECT_EQ(colours("YUY2"), "bt709");
    l.colorspace = V4L2_COLORSPACE_SMPTE170M;
    EXPECT_EQ(colours("YUY2"), "bt601");
    l.colorspace = V4L2_COLORSPACE_SRGB;
    EXPECT_EQ(colours("BGR"), "sRGB");
    l.colorspace = V4L2_COLORSPACE_REC709;
    l.quantization = V4L2_QUANTIZATION_FULL_RANGE;
    EXPECT_EQ(colours("NV12"), "1:3:5:1");
    l.encoding = V4L2_YCBCR_ENC_601;
    EXPECT_EQ(colours("NV12"), "1:4:5:1");
}

TEST_F(Formats, KeepTheColoursACapsFilterAskedFor)
{
    Layout l = layout(640, 480, 1280);
    l.colorspace = V4L2_COLORSPACE_REC709;
    const auto asked = caps("video/x-raw,format=YUY2,width=640,height=480,framerate=30/1,"
                            "colorimetry=bt601");
    EXPECT_EQ(text_of(with_colorimetry(asked, l), "colorimetry"), "bt601");
    const auto jpeg = caps("image/jpeg,width=640,height=480,framerate=30/1");
    EXPECT_EQ(text_of(with_colorimetry(jpeg, l), "colorimetry"), "");
}
