// SPDX-License-Identifier: LGPL-2.1-or-later
/// What the daemon needs from an encoder of H.264, asked of each pipeline file that offers one; a
/// board's are the stand-ins.
#include "daemon/config/config.h"
#include "daemon/config/pipeline_file.h"
#include "daemon/media/pipeline.h"
#include "plugins/venc/venc.h"
#include "tests/element/access_units.h"

#include <cmath>
#include <cstdlib>
#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/video/video.h>
#include <gtest/gtest.h>
#include <random>
#include <string>

using namespace panto;
using namespace panto::tests;

namespace
{

constexpr int kFps = 30;
constexpr GstClockTime kInterval = GST_SECOND / kFps;
constexpr GstClockTime kBegin = 1000 * GST_SECOND; // of a machine that has been up for a while
constexpr GstClockTime kPatience = 20 * GST_SECOND;
constexpr char kHead[] = "appsrc name=raw is-live=true format=time";
constexpr char kTail[] = "appsink name=encoded sync=false";

struct Size {
    int width = 640, height = 360;
};

enum class Motif { Desktop, Noise };

/// What one picture became.
struct Coded {
    std::string bytes;
    AccessUnit unit;
    GstClockTime pts, dts; ///< in running time
};

/// A picture with edges, shades and colour that moves by some pixels each time; or one that nothing
/// can be told of by the one before.
void draw(GstVideoFrame *frame, int step, Motif motif)
{
    std::minstd_rand random{unsigned(step + 1)};
    for (guint c = 0; c < 3; ++c) {
        auto *data = static_cast<uint8_t *>(GST_VIDEO_FRAME_COMP_DATA(frame, c));
        const int scale = c == 0 ? 1 : 2;
        for (int y = 0; y < GST_VIDEO_FRAME_COMP_HEIGHT(frame, c); ++y)
            for (int x = 0; x < GST_VIDEO_FRAME_COMP_WIDTH(frame, c); ++x) {
                const int u = (x * scale + 4 * step) / 32, v = y * scale / 32;
                int value = c == 0 ? (u + v) % 2 * 120 + 40 + (y * scale) % 64
                                   : 96 + (u * int(c) * 7 + v * 5) % 64;
                if (motif == Motif::Noise && c == 0)
                    value = 96 + int(random() % 64);
                data[y * GST_VIDEO_FRAME_COMP_STRIDE(frame, c) + x] = uint8_t(value);
            }
    }
}

Ref<GstSample> picture(Size size, int step, GstClockTime pts, Motif motif = Motif::Desktop)
{
    GstVideoInfo info;
    gst_video_info_set_format(&info, GST_VIDEO_FORMAT_I420, guint(size.width), guint(size.height));
    info.fps_n = kFps;
    info.fps_d = 1;
    auto buffer = Ref<GstBuffer>::adopt(gst_buffer_new_allocate(nullptr, info.size, nullptr));
    GstVideoFrame frame;
    EXPECT_TRUE(gst_video_frame_map(&frame, &info, buffer.get(), GST_MAP_WRITE));
    draw(&frame, step, motif);
    gst_video_frame_unmap(&frame);
    GST_BUFFER_PTS(buffer.get()) = pts;
    GST_BUFFER_DURATION(buffer.get()) = kInterval;
    const auto caps = Ref<GstCaps>::adopt(gst_video_info_to_caps(&info));
    return Ref<GstSample>::adopt(gst_sample_new(buffer.get(), caps.get(), nullptr, nullptr));
}

std::string bytes_of(GstSample *sample)
{
    GstMapInfo map;
    GstBuffer *buffer = gst_sample_get_buffer(sample);
    if (!buffer || !gst_buffer_map(buffer, &map, GST_MAP_READ))
        return "";
    std::string out(reinterpret_cast<const char *>(map.data), map.size);
    gst_buffer_unmap(buffer, &map);
    return out;
}

struct Offer {
    const char *pipeline;
    /// GStreamer's element may begin anew with another bit rate: openh264enc 1.22 does.
    int keys_for_a_rate = 0;
};

class Encoders : public testing::TestWithParam<Offer>
{
protected:
    static void SetUpTestSuite() { pantograph_register_venc(nullptr); }

    void SetUp() override
    {
        const char *source = std::getenv("PANTOGRAPH_SOURCE");
        ASSERT_TRUE(source);
        auto file = config::load_pipeline(std::string{source} + "/pipelines/" +
                                          GetParam().pipeline + ".yaml");
        ASSERT_TRUE(file) << file.error().message;
        EXPECT_EQ(file->codec, "h264");
        values_ = config::pipeline_values(config::Config{});
        values_[kBitRate] = "4000";
        auto made = media::Pipeline::create(*file, values_, kHead, kTail);
        ASSERT_TRUE(made) << made.error().message;
        pipeline_ = std::move(*made);
        raw_ = pipeline_->child("raw");
        encoded_ = pipeline_->child("encoded");
        const auto playing = pipeline_->play();
        ASSERT_TRUE(playing) << playing.error().message;
    }

    void push(Size size, int step, Motif motif = Motif::Desktop)
    {
        const auto sample = picture(size, step, kBegin + kInterval * pushed_++, motif);
        ASSERT_EQ(gst_app_src_push_sample(GST_APP_SRC(raw_.get()), sample.get()), GST_FLOW_OK);
    }
    /// What comes out next.
    Coded pull()
    {
        const auto sample = Ref<GstSample>::adopt(
            gst_app_sink_try_pull_sample(GST_APP_SINK(encoded_.get()), kPatience));
        if (!sample) {
            ADD_FAILURE() << "nothing comes out";
            return {};
        }
        GstBuffer *buffer = gst_sample_get_buffer(sample.get());
        const auto when = [&](GstClockTime t) { // x264enc counts from 1000 hours
            return gst_segment_to_running_time(gst_sample_get_segment(sample.get()),
                                               GST_FORMAT_TIME, t);
        };
        return {
            bytes_of(sample.get()), {}, when(GST_BUFFER_PTS(buffer)), when(GST_BUFFER_DTS(buffer))};
    }
    /// A picture in, and what it became, before there is another.
    Coded code(Size size = {}, Motif motif = Motif::Desktop)
    {
        push(size, int(pushed_), motif);
        Coded coded = pull();
        coded.unit = access_unit(coded.bytes);
        return coded;
    }
    void ask_for_key_frame()
    {
        gst_element_send_event(encoded_.get(), gst_video_event_new_upstream_force_key_unit(
                                                   GST_CLOCK_TIME_NONE, TRUE, 0));
    }
    /// kbit/s of so many pictures; counts the key frames among them.
    double rate(int pictures, int *keys)
    {
        size_t bytes = 0;
        for (int i = 0; i < pictures; ++i) {
            const Coded coded = code({}, Motif::Noise);
            bytes += coded.bytes.size();
            *keys += coded.unit.key();
        }
        return double(bytes) * 8 / 1000 * kFps / pictures;
    }

    static constexpr char kBitRate[] = "video.bitrate_kbps";
    media::Values values_;
    std::unique_ptr<media::Pipeline> pipeline_;
    Ref<GstElement> raw_, encoded_;
    unsigned pushed_ = 0;
};

double psnr(GstSample *one, GstSample *other, Size size)
{
    GstVideoInfo info;
    gst_video_info_set_format(&info, GST_VIDEO_FORMAT_I420, guint(size.width), guint(size.height));
    GstVideoFrame a, b;
    EXPECT_TRUE(gst_video_frame_map(&a, &info, gst_sample_get_buffer(one), GST_MAP_READ));
    EXPECT_TRUE(gst_video_frame_map(&b, &info, gst_sample_get_buffer(other), GST_MAP_READ));
    double error = 0, count = 0;
    for (guint c = 0; c < 3; ++c)
        for (int y = 0; y < GST_VIDEO_FRAME_COMP_HEIGHT(&a, c); ++y)
            for (int x = 0; x < GST_VIDEO_FRAME_COMP_WIDTH(&a, c); ++x, ++count) {
                const auto at = [&](GstVideoFrame &f) {
                    return static_cast<uint8_t *>(GST_VIDEO_FRAME_COMP_DATA(
                        &f, c))[y * GST_VIDEO_FRAME_COMP_STRIDE(&f, c) + x];
                };
                const double d = double(at(a)) - at(b);
                error += d * d;
            }
    gst_video_frame_unmap(&a);
    gst_video_frame_unmap(&b);
    return error == 0 ? 99 : 10 * std::log10(255 * 255 * count / error);
}

} // namespace

TEST_P(Encoders, GiveAPictureBeforeTheNextGoesIn)
{
    for (unsigned i = 0; i < 30; ++i)
        EXPECT_EQ(code().pts, kBegin + kInterval * i) << i;
}

TEST_P(Encoders, ReorderNothing)
{
    for (unsigned i = 0; i < 30; ++i) {
        const Coded coded = code();
        EXPECT_TRUE(coded.dts == coded.pts || coded.dts == GST_CLOCK_TIME_NONE) << i;
    }
}

TEST_P(Encoders, MakeOneSliceOfAPicture)
{
    for (unsigned i = 0; i < 30; ++i)
        EXPECT_EQ(code({1280, 720}).unit.slices(), 1u) << i;
}

TEST_P(Encoders, MakeAKeyFrameOfTheFirstPictureOnly)
{
    EXPECT_TRUE(code().unit.key());
    for (unsigned i = 0; i < 300; ++i)
        EXPECT_FALSE(code({320, 180}).unit.key() && i > 0) << i; // the first of another size is one
}

TEST_P(Encoders, MakeAKeyFrameOfThePictureThatOneIsAskedForAt)
{
    for (unsigned i = 0; i < 20; ++i)
        code();
    ask_for_key_frame();
    EXPECT_TRUE(code().unit.key());
    EXPECT_FALSE(code().unit.key());
}

TEST_P(Encoders, SayInFrontOfEachKeyFrameHowToDecodeIt)
{
    for (unsigned i = 0; i < 3; ++i) {
        const AccessUnit unit = code().unit;
        ASSERT_TRUE(unit.key());
        const auto where = [&](uint8_t type) {
            return std::find(unit.types.begin(), unit.types.end(), type) - unit.types.begin();
        };
        EXPECT_LT(where(kSps), where(kPps));
        EXPECT_LT(where(kPps), where(kIdr));
        for (unsigned n = 0; n < 10; ++n)
            code();
        ask_for_key_frame();
    }
}

TEST_P(Encoders, KeepToWhatEveryBrowserDecodes)
{
    const std::string sps = code({1920, 1080}).unit.first(kSps);
    ASSERT_GE(sps.size(), 4u);
    EXPECT_EQ(uint8_t(sps[1]), 66) << "Baseline";
    EXPECT_TRUE(uint8_t(sps[2]) & 0x40) << "constraint_set1_flag: the constrained one";
    EXPECT_GE(uint8_t(sps[3]), 40) << "1080p at 30 fps is level 4 or above";
}

TEST_P(Encoders, TakeAnotherBitRateWhileTheyRun)
{
    int keys = 0;
    rate(30, &keys); // the first key frame is over
    keys = 0;
    const double full = rate(60, &keys);
    const auto live = pipeline_->change(kBitRate, "1000");
    ASSERT_TRUE(live) << live.error().message;
    ASSERT_TRUE(*live) << "while it plays";
    rate(30, &keys);
    const double low = rate(60, &keys);
    EXPECT_EQ(keys, GetParam().keys_for_a_rate);
    EXPECT_NEAR(full, 4000, 800);
    EXPECT_NEAR(low, 1000, keys ? 500 : 250); // who made a key frame saves for it
}

TEST_P(Encoders, BeginAnewWithAPictureOfAnotherSize)
{
    code();
    code();
    const Coded other = code({1280, 720});
    EXPECT_TRUE(other.unit.key());
    EXPECT_FALSE(other.unit.first(kSps).empty());
    EXPECT_FALSE(code({1280, 720}).unit.key());
}

TEST_P(Encoders, SpendLittleOnAPictureThatStandsStill)
{
    size_t last = 0, first = 0;
    for (int i = 0; i < 120; ++i) {
        push({}, 0);
        last = pull().bytes.size();
        first = i == 0 ? last : first;
    }
    EXPECT_LT(last, first / 20);
    EXPECT_LT(last, 500u);
}

TEST_P(Encoders, GiveWhatTheyHaveWhenItEnds)
{
    push({}, 0);
    gst_app_src_end_of_stream(GST_APP_SRC(raw_.get()));
    EXPECT_FALSE(pull().bytes.empty());
    const auto none = Ref<GstSample>::adopt(
        gst_app_sink_try_pull_sample(GST_APP_SINK(encoded_.get()), kPatience));
    EXPECT_FALSE(none);
    EXPECT_TRUE(gst_app_sink_is_eos(GST_APP_SINK(encoded_.get())));
}

TEST_P(Encoders, EndInTheMiddleOfAPicture)
{
    for (int i = 0; i < 5; ++i)
        push({1920, 1080}, i);
    pipeline_.reset(); // what is on its way is nobody's
}

TEST_P(Encoders, MakePicturesThatDecodeToWhatWentIn)
{
    auto decoder = Ref<GstElement>::adopt(gst_parse_launch(
        "appsrc name=in format=time caps=video/x-h264,stream-format=byte-stream,alignment=au "
        "! h264parse ! avdec_h264 ! videoconvert ! video/x-raw,format=I420 "
        "! appsink name=out sync=false",
        nullptr));
    ASSERT_TRUE(decoder);
    gst_element_set_state(decoder.get(), GST_STATE_PLAYING);
    const auto in = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(decoder.get()), "in"));
    const auto out = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(decoder.get()), "out"));
    constexpr int kPictures = 20;
    for (int i = 0; i < kPictures; ++i) {
        const Coded coded = code();
        GstBuffer *buffer = gst_buffer_new_memdup(coded.bytes.data(), coded.bytes.size());
        GST_BUFFER_PTS(buffer) = coded.pts;
        gst_app_src_push_buffer(GST_APP_SRC(in.get()), buffer);
    }
    gst_app_src_end_of_stream(GST_APP_SRC(in.get()));
    for (int i = 0; i < kPictures; ++i) {
        const auto decoded =
            Ref<GstSample>::adopt(gst_app_sink_try_pull_sample(GST_APP_SINK(out.get()), kPatience));
        ASSERT_TRUE(decoded) << i;
        EXPECT_GT(psnr(decoded.get(), picture({}, i, 0).get(), {}), 28) << i;
    }
    gst_element_set_state(decoder.get(), GST_STATE_NULL);
}

INSTANTIATE_TEST_SUITE_P(All, Encoders,
                         testing::Values(Offer{"h264-x264"}, Offer{"h264-openh264", 1},
                                         Offer{"h264-mpp"}, Offer{"h264-cvi"}),
                         [](const auto &offer) {
                             std::string name = offer.param.pipeline;
                             std::erase(name, '-');
                             return name;
                         });
