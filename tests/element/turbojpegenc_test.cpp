// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/gst/ref.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <gst/check/gstharness.h>
#include <gst/video/video.h>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <turbojpeg.h>
#include <vector>

using panto::Ref;

namespace
{

struct Teardown {
    void operator()(GstHarness *h) const { gst_harness_teardown(h); }
};

/// What a colour is in Y'CbCr of 8 bits.
using Yuv = std::array<int, 3>;
using Rgb = std::array<double, 3>;

/// By the definitions: ITU-R BT.601 and BT.709.
Yuv encoded(const Rgb &c, double kr, double kb, bool full)
{
    const double y = kr * c[0] + (1 - kr - kb) * c[1] + kb * c[2];
    const double blue = (c[2] - y) / (2 * (1 - kb)), red = (c[0] - y) / (2 * (1 - kr));
    const double luma = full ? 255 : 219, chroma = full ? 255 : 224;
    return {int(std::lround((full ? 0 : 16) + luma * y)), int(std::lround(128 + chroma * blue)),
            int(std::lround(128 + chroma * red))};
}

/// Fills a frame of any format with one colour.
void paint(GstVideoFrame *frame, const Yuv &colour)
{
    for (guint c = 0; c < 3; ++c) {
        auto *data = static_cast<uint8_t *>(GST_VIDEO_FRAME_COMP_DATA(frame, c));
        for (int y = 0; y < GST_VIDEO_FRAME_COMP_HEIGHT(frame, c); ++y)
            for (int x = 0; x < GST_VIDEO_FRAME_COMP_WIDTH(frame, c); ++x)
                data[y * GST_VIDEO_FRAME_COMP_STRIDE(frame, c) +
                     x * GST_VIDEO_FRAME_COMP_PSTRIDE(frame, c)] = uint8_t(colour[c]);
    }
}

class TurboJpegEnc : public testing::Test
{
protected:
    void start(const std::string &format, int width, int height, const char *colorimetry = "bt709")
    {
        harness_.reset(gst_harness_new_with_element(element_.get(), "sink", "src"));
        const std::string caps =
            "video/x-raw,format=" + format + ",width=" + std::to_string(width) +
            ",height=" + std::to_string(height) + ",framerate=30/1,colorimetry=" + colorimetry;
        gst_harness_set_src_caps_str(harness_.get(), caps.c_str());
        const auto fixed = Ref<GstCaps>::adopt(gst_caps_from_string(caps.c_str()));
        gst_video_info_from_caps(&info_, fixed.get());
    }

    GstBuffer *frame(const Yuv &colour)
    {
        GstBuffer *b = gst_buffer_new_allocate(nullptr, info_.size, nullptr);
        gst_buffer_memset(b, 0, 0x5a, info_.size);
        GstVideoFrame mapped;
        gst_video_frame_map(&mapped, &info_, b, GST_MAP_WRITE);
        paint(&mapped, colour);
        gst_video_frame_unmap(&mapped);
        return stamped(b);
    }

    /// Rough, so that quality shows: a grid of the pixels' own size.
    GstBuffer *grid()
    {
        GstBuffer *b = frame({40, 128, 128});
        GstVideoFrame mapped;
        gst_video_frame_map(&mapped, &info_, b, GST_MAP_WRITE);
        auto *luma = static_cast<uint8_t *>(GST_VIDEO_FRAME_COMP_DATA(&mapped, 0));
        for (int y = 0; y < info_.height; ++y)
            for (int x = 0; x < info_.width; ++x)
                if ((x * 7 + y * 13) % 5 < 2)
                    luma[y * GST_VIDEO_FRAME_COMP_STRIDE(&mapped, 0) +
                         x * GST_VIDEO_FRAME_COMP_PSTRIDE(&mapped, 0)] = 200;
        gst_video_frame_unmap(&mapped);
        return b;
    }

    GstBuffer *stamped(GstBuffer *b)
    {
        GST_BUFFER_PTS(b) = pts_;
        pts_ += 33 * GST_MSECOND;
        return b;
    }

    std::vector<uint8_t> encode(GstBuffer *picture)
    {
        EXPECT_EQ(gst_harness_push(harness_.get(), picture), GST_FLOW_OK);
        const auto out = Ref<GstBuffer>::adopt(gst_harness_try_pull(harness_.get()));
        std::vector<uint8_t> jpeg(out ? gst_buffer_get_size(out.get()) : 0);
        if (out)
            gst_buffer_extract(out.get(), 0, jpeg.data(), jpeg.size());
        last_ = out;
        return jpeg;
    }

    void say(const char *name)
    {
        gst_harness_push_event(harness_.get(), gst_event_new_custom(GST_EVENT_CUSTOM_DOWNSTREAM,
                                                                    gst_structure_new_empty(name)));
    }

    void set(const char *property, unsigned value)
    {
        g_object_set(element_.get(), property, value, nullptr);
    }

    Ref<GstElement> element_ =
        Ref<GstElement>::sink(gst_element_factory_make("turbojpegenc", nullptr));
    std::unique_ptr<GstHarness, Teardown> harness_;
    GstVideoInfo info_{};
    Ref<GstBuffer> last_;
    GstClockTime pts_ = 0;
};

struct Picture {
    int width = 0, height = 0, sampling = -1;
    std::vector<uint8_t> rgb;

    Rgb at(int x, int y) const
    {
        const uint8_t *p = &rgb[size_t(3 * (y * width + x))];
        return {p[0] / 255.0, p[1] / 255.0, p[2] / 255.0};
    }
};

Picture decoded(const std::vector<uint8_t> &jpeg)
{
    Picture p;
    int space = 0;
    tjhandle decoder = tjInitDecompress();
    EXPECT_EQ(tjDecompressHeader3(decoder, jpeg.data(), jpeg.size(), &p.width, &p.height,
                                  &p.sampling, &space),
              0);
    p.rgb.resize(size_t(3 * p.width * p.height));
    EXPECT_EQ(tjDecompress2(decoder, jpeg.data(), jpeg.size(), p.rgb.data(), p.width, 0, p.height,
                            TJPF_RGB, 0),
              0);
    tjDestroy(decoder);
    return p;
}

/// The largest difference of any channel, in steps of 8 bits.
double difference(const Rgb &a, const Rgb &b)
{
    double most = 0;
    for (size_t i = 0; i < 3; ++i)
        most = std::max(most, std::abs(a[i] - b[i]) * 255);
    return most;
}

constexpr Rgb kColours[] = {{0, 0, 0},       {1, 1, 1},       {0.5, 0.5, 0.5}, {0.9, 0.1, 0.1},
                            {0.1, 0.8, 0.1}, {0.1, 0.1, 0.9}, {0.8, 0.7, 0.1}, {0.3, 0.6, 0.9}};

class Formats : public TurboJpegEnc, public testing::WithParamInterface<const char *>
{
};

} // namespace

TEST_P(Formats, KeepsTheColoursOfEveryColorimetry)
{
    set("quality", 100);
    const struct {
        const char *name;
        double kr, kb;
        bool full;
    } colorimetries[] = {{"bt709", 0.2126, 0.0722, false},
                         {"bt601", 0.299, 0.114, false},
                         {"1:3:0:0", 0.2126, 0.0722, true},
                         {"1:4:0:0", 0.299, 0.114, true}};
    for (const auto &c : colorimetries) {
        start(GetParam(), 64, 48, c.name);
        for (const Rgb &colour : kColours) {
            const Picture p = decoded(encode(frame(encoded(colour, c.kr, c.kb, c.full))));
            ASSERT_EQ(p.width, 64);
            for (const auto &[x, y] : {std::pair{0, 0}, {63, 0}, {31, 24}, {0, 47}, {63, 47}})
                EXPECT_LT(difference(p.at(x, y), colour), 4)
                    << c.name << " at " << x << "," << y << " " << colour[0] << "," << colour[1];
        }
        harness_.reset();
        element_ = Ref<GstElement>::sink(gst_element_factory_make("turbojpegenc", nullptr));
        set("quality", 100);
    }
}

TEST_P(Formats, TakesPicturesOfAnySize)
{
    for (const auto &[width, height] : {std::pair{1, 1}, {17, 33}, {1366, 768}, {1920, 1080}}) {
        start(GetParam(), width, height);
        const Picture p = decoded(encode(frame(encoded({0.1, 0.8, 0.1}, 0.2126, 0.0722, false))));
        EXPECT_EQ(p.width, width);
        EXPECT_EQ(p.height, height);
        EXPECT_EQ(p.sampling, TJSAMP_420);
        EXPECT_LT(difference(p.at(width - 1, height - 1), {0.1, 0.8, 0.1}), 8);
        harness_.reset();
        element_ = Ref<GstElement>::sink(gst_element_factory_make("turbojpegenc", nullptr));
    }
}

INSTANTIATE_TEST_SUITE_P(TurboJpegEnc, Formats, testing::Values("I420", "NV12", "YUY2", "UYVY"));

TEST_F(TurboJpegEnc, ReadsRowsWhereTheVideoMetaSaysTheyAre)
{
    start("NV12", 64, 32, "1:4:0:0");
    set("quality", 100);
    gsize offset[] = {0, 96 * 32, 0, 0};
    gint stride[] = {96, 96, 0, 0};
    GstBuffer *b = gst_buffer_new_allocate(nullptr, 96 * 48, nullptr);
    gst_buffer_memset(b, 0, 255, 96 * 48);
    gst_buffer_add_video_meta_full(b, GST_VIDEO_FRAME_FLAG_NONE, GST_VIDEO_FORMAT_NV12, 64, 32, 2,
                                   offset, stride);
    GstVideoFrame mapped;
    ASSERT_TRUE(gst_video_frame_map(&mapped, &info_, b, GST_MAP_WRITE));
    paint(&mapped, {77, 128, 128});
    gst_video_frame_unmap(&mapped);
    const Picture p = decoded(encode(stamped(b)));
    for (const auto &[x, y] : {std::pair{0, 0}, {63, 0}, {63, 31}})
        EXPECT_LT(difference(p.at(x, y), {77 / 255.0, 77 / 255.0, 77 / 255.0}), 2);
}

TEST_F(TurboJpegEnc, ChangesItsQualityWhilePlaying)
{
    start("I420", 320, 240);
    const size_t before = encode(grid()).size();
    set("quality", 30);
    EXPECT_LT(encode(grid()).size(), before * 3 / 4);
}

TEST_F(TurboJpegEnc, MakesOneBetterPictureAtRestAndHandsItOutAgain)
{
    set("still-quality", 95);
    start("YUY2", 320, 240);
    const auto moving = encode(grid());
    say("frame-settled");
    const auto rest = encode(grid());
    EXPECT_GT(rest.size(), moving.size() * 5 / 4);
    const auto memory = Ref<GstMemory>::share(gst_buffer_peek_memory(last_.get(), 0));
    EXPECT_EQ(encode(grid()), rest);
    EXPECT_EQ(gst_buffer_peek_memory(last_.get(), 0), memory.get()) << "nothing is encoded for it";
    EXPECT_EQ(GST_BUFFER_PTS(last_.get()), 66 * GST_MSECOND);
}

TEST_F(TurboJpegEnc, GoesBackToItsQualityWhenThePictureMoves)
{
    set("still-quality", 95);
    start("YUY2", 320, 240);
    const auto moving = encode(grid());
    say("frame-settled");
    encode(grid());
    say("frame-changed");
    EXPECT_EQ(encode(grid()), moving);
}

TEST_F(TurboJpegEnc, HasNoOtherQualityAtRestUnlessToldSo)
{
    start("YUY2", 320, 240);
    const auto moving = encode(grid());
    say("frame-settled");
    EXPECT_EQ(encode(grid()), moving);
    set("still-quality", 40); // worse than it is
    EXPECT_EQ(encode(grid()), moving);
}

TEST_F(TurboJpegEnc, EncodesAPictureAtRestAnewForAnotherQuality)
{
    set("still-quality", 90);
    start("YUY2", 320, 240);
    say("frame-settled");
    const auto rest = encode(grid());
    set("still-quality", 98);
    EXPECT_GT(encode(grid()).size(), rest.size());
}

TEST_F(TurboJpegEnc, HandsAWishForAPictureOnToWhoHoldsThemBack)
{
    start("I420", 64, 48);
    encode(frame({50, 128, 128}));
    gst_harness_push_upstream_event(
        harness_.get(), gst_video_event_new_upstream_force_key_unit(GST_CLOCK_TIME_NONE, TRUE, 0));
    bool came = false;
    while (GstEvent *e = gst_harness_try_pull_upstream_event(harness_.get())) {
        came = came || gst_video_event_is_force_key_unit(e);
        gst_event_unref(e);
    }
    EXPECT_TRUE(came);
}

TEST_F(TurboJpegEnc, FollowsOtherCaps)
{
    start("NV12", 64, 48);
    encode(frame({50, 128, 128}));
    gst_harness_set_src_caps_str(
        harness_.get(),
        "video/x-raw,format=YUY2,width=320,height=200,framerate=30/1,colorimetry=bt601");
    const auto caps = Ref<GstCaps>::adopt(gst_caps_from_string(
        "video/x-raw,format=YUY2,width=320,height=200,framerate=30/1,colorimetry=bt601"));
    gst_video_info_from_caps(&info_, caps.get());
    EXPECT_EQ(decoded(encode(frame({50, 128, 128}))).width, 320);
}
