// SPDX-License-Identifier: LGPL-2.1-or-later
/// What the elements make with Sophgo's encoder, as its stand-in imitates it: streams whose
/// pictures are those that went in, and that follow what is asked for.
#include "tests/element/venc_cvi_fixture.h"

using namespace panto::venc::test;
using panto::Ref;

namespace
{

std::vector<uint8_t> i420(const Picture &p)
{
    auto out = p.y;
    out.insert(out.end(), p.u.begin(), p.u.end());
    out.insert(out.end(), p.v.begin(), p.v.end());
    return out;
}

/// A picture that cannot be told from the one before.
Picture noisy(int width, int height, int step)
{
    Picture p{width, height, step};
    for (size_t at = 0; at < p.y.size(); ++at)
        p.y[at] += uint8_t(uint32_t(at * 2654435761u) * unsigned(step + 1) >> 29);
    return p;
}

} // namespace

TEST_F(VencCvi, MakesOnePacketOfOneSliceOfEachPictureInTheSameCall)
{
    make();
    start();
    for (int i = 0; i < 30; ++i) {
        const auto unit = encode();
        ASSERT_TRUE(unit) << i;
        EXPECT_EQ(unit->key, i == 0) << i;
        EXPECT_EQ(unit->nal_types(), i ? std::vector<int>{1} : (std::vector<int>{7, 8, 5})) << i;
        EXPECT_EQ(unit->pts, GstClockTime(i) * (GST_SECOND / 30));
        EXPECT_EQ(unit->dts, unit->pts);
        EXPECT_FALSE(pull());
    }
    EXPECT_EQ(stat("frames"), 30u);
    EXPECT_EQ(stat("idr"), 1u);
    EXPECT_EQ(stat("copies"), 30u);
}

TEST_F(VencCvi, MakesPicturesThatCanBeSeenOfEverySizeAndLayout)
{
    // Rows that end at, before and behind a multiple of 64; lines of 16, and not.
    for (const auto &[width, height] :
         {std::pair{640, 368}, {648, 370}, {1280, 720}, {1368, 768}, {1920, 1080}, {96, 64}})
        for (const std::string format : {"NV12", "I420"}) {
            make();
            start(width, height, format);
            panto::mpp::test::Decoder decoder;
            for (int i = 0; i < 3; ++i) {
                const Picture picture{width, height, i};
                ASSERT_EQ(push(in_memory(format == "NV12" ? picture.nv12() : i420(picture))),
                          GST_FLOW_OK);
                const auto unit = pull();
                ASSERT_TRUE(unit) << width << " " << format;
                EXPECT_GT(psnr(decoder.decode(unit->bytes), picture), 30) << width << " " << format;
            }
            end();
        }
}

TEST_F(VencCvi, CopiesACapturesMemoryWhichItsEncoderCannotRead)
{
    Captures captures;
    make();
    start();
    panto::mpp::test::Decoder decoder;
    for (int i = 0; i < 3; ++i) {
        const Picture picture{640, 368, i};
        ASSERT_EQ(push(captures.buffer(picture.nv12())), GST_FLOW_OK);
        const auto unit = pull();
        ASSERT_TRUE(unit);
        EXPECT_GT(psnr(decoder.decode(unit->bytes), picture), 30);
    }
    EXPECT_EQ(stat("copies"), 3u);
}

TEST_F(VencCvi, TakesOnlyTheFormatsOfItsEncoderOnceItIsOpen)
{
    make();
    gst_element_set_state(element_.get(), GST_STATE_READY);
    const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(element_.get(), "sink"));
    const auto caps = Ref<GstCaps>::adopt(gst_pad_query_caps(pad.get(), nullptr));
    const auto takes = [&](const char *format) {
        const auto of = Ref<GstCaps>::adopt(
            gst_caps_new_simple("video/x-raw", "format", G_TYPE_STRING, format, nullptr));
        return bool(gst_caps_can_intersect(caps.get(), of.get()));
    };
    EXPECT_TRUE(takes("NV12"));
    EXPECT_TRUE(takes("I420"));
    EXPECT_FALSE(takes("YUY2"));
    EXPECT_FALSE(takes("BGRx"));
}

TEST_F(VencCvi, MakesAKeyFrameOfThePictureItIsAskedFor)
{
    make();
    start();
    for (int i = 0; i < 40; ++i) {
        if (i == 10 || i == 30)
            ask_for_key();
        const auto unit = encode();
        ASSERT_TRUE(unit);
        EXPECT_EQ(unit->key, i == 0 || i == 10 || i == 30) << i;
        if (unit->key) {
            EXPECT_EQ(unit->nal_types(), (std::vector<int>{7, 8, 5})) << "each with its headers";
        }
    }
    EXPECT_EQ(stat("idr"), 3u);
}

TEST_F(VencCvi, FollowsABitRateWithoutAKeyFrameOrANewChannel)
{
    make();
    set("bitrate", 4000u);
    set("qp-min", 1);
    start();
    const auto second = [this] {
        size_t bytes = 0;
        for (int i = 0; i < 30; ++i) {
            const auto unit = encode(noisy(width_, height_, step_++));
            EXPECT_TRUE(unit);
            EXPECT_EQ(unit->key, step_ == 1) << step_;
            bytes += unit->bytes.size();
        }
        return double(bytes) * 8 / 1000;
    };
    second();
    const int made = cvi_standin_made();
    const double before = second();
    set("bitrate", 1000u);
    second();
    const double after = second();
    EXPECT_NEAR(before, 4000, 1200);
    EXPECT_NEAR(after, 1000, 300);
    EXPECT_EQ(cvi_standin_made(), made);
}

TEST_F(VencCvi, FollowsTheDistanceBetweenKeyFramesWithANewChannel)
{
    make();
    start();
    encode();
    encode();
    const int made = cvi_standin_made();
    set("gop-size", 5);
    for (int i = 0; i < 12; ++i)
        EXPECT_EQ(encode()->key, i % 5 == 0) << i;
    EXPECT_EQ(cvi_standin_made(), made + 1);
}

TEST_F(VencCvi, FollowsAnotherRateOfFramesInTheSameChannel)
{
    make();
    start();
    encode();
    const int made = cvi_standin_made();
    start(640, 368, "NV12", "framerate=30000/1001,colorimetry=bt709");
    const auto unit = encode();
    ASSERT_TRUE(unit);
    EXPECT_FALSE(unit->key);
    EXPECT_EQ(cvi_standin_made(), made);
}

TEST_F(VencCvi, BeginsAnewWithOtherCaps)
{
    make();
    start(1280, 720);
    encode();
    encode();
    start(640, 368);
    panto::mpp::test::Decoder decoder;
    for (int i = 0; i < 3; ++i) {
        const Picture picture{640, 368, i};
        const auto unit = encode(picture);
        ASSERT_TRUE(unit);
        EXPECT_EQ(unit->key, i == 0);
        EXPECT_GT(psnr(decoder.decode(unit->bytes), picture), 30);
    }
}

TEST_F(VencCvi, SaysAProfileThatBrowsersKnow)
{
    const std::pair<const char *, std::vector<int>> profiles[] = {
        {"constrained-baseline", {0x42, 0xe0}},
        {"main", {0x4d, 0x40}},
        {"high", {0x64, 0x00}},
        {"constrained-high", {0x64, 0x0c}}};
    for (const auto &[name, bytes] : profiles) {
        make();
        const std::string caps = "video/x-h264,profile=" + std::string{name};
        start(640, 368, "NV12", "framerate=30/1", caps.c_str());
        const auto unit = encode();
        ASSERT_TRUE(unit) << name;
        auto said = unit->profile();
        said.resize(2);
        EXPECT_EQ(said, bytes) << name;
        end();
    }
}

TEST_F(VencCvi, KeepsAnyOfTheRateControls)
{
    for (const char *mode : {"cbr", "vbr", "avbr", "fixqp"})
        for (const unsigned kbps : {10u, 100000u}) {
            make();
            set_text("rate-control", mode);
            set("bitrate", kbps);
            start();
            EXPECT_TRUE(encode()) << mode << " " << kbps;
            EXPECT_TRUE(encode()) << mode << " " << kbps;
            EXPECT_EQ(errors(), "");
            end();
        }
}

TEST_F(VencCvi, MakesAJpegOfTheQualityThatIsSetMeanwhile)
{
    make("vencjpegenc");
    set("quality", 50u);
    start();
    const Picture picture{640, 368};
    const auto coarse = encode(picture);
    ASSERT_TRUE(coarse);
    EXPECT_TRUE(coarse->key);
    EXPECT_GT(psnr(panto::mpp::test::decode_jpeg(coarse->bytes), picture), 28);
    set("quality", 95u);
    const auto fine = encode(picture);
    ASSERT_TRUE(fine);
    EXPECT_GT(fine->bytes.size(), coarse->bytes.size());
    EXPECT_GT(psnr(panto::mpp::test::decode_jpeg(fine->bytes), picture), 35);
}

TEST_F(VencCvi, GoesOnAfterAFlushAndAfterItWasStopped)
{
    make();
    start();
    encode();
    encode();
    gst_harness_push_event(harness_.get(), gst_event_new_flush_start());
    gst_harness_push_event(harness_.get(), gst_event_new_flush_stop(TRUE));
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    gst_harness_push_event(harness_.get(), gst_event_new_segment(&segment));
    EXPECT_TRUE(encode());
    restart();
    const auto unit = encode();
    ASSERT_TRUE(unit);
    EXPECT_TRUE(unit->key);
}

TEST_F(VencCvi, HasNothingLeftToGiveAtTheEnd)
{
    make();
    start();
    for (int i = 0; i < 5; ++i)
        EXPECT_TRUE(encode());
    gst_harness_push_event(harness_.get(), gst_event_new_eos());
    EXPECT_FALSE(pull());
}

TEST_F(VencCvi, PutsTogetherAPictureWhosePacksComeOneByOne)
{
    const Variable split{"CVI_STANDIN_SPLIT", "1"};
    make();
    start();
    panto::mpp::test::Decoder decoder;
    for (int i = 0; i < 5; ++i) {
        const Picture picture{640, 368, i};
        const auto unit = encode(picture);
        ASSERT_TRUE(unit);
        EXPECT_GT(psnr(decoder.decode(unit->bytes), picture), 30);
    }
}

TEST_F(VencCvi, EncodesForTwoAtOnceInOneSystem)
{
    make();
    start();
    encode();
    {
        const auto other = Ref<GstElement>::sink(gst_element_factory_make("vencjpegenc", nullptr));
        gst_util_set_object_arg(G_OBJECT(other.get()), "backend", "cvi");
        GstHarness *h = gst_harness_new_with_element(other.get(), "sink", "src");
        gst_harness_set_src_caps_str(h,
                                     "video/x-raw,format=NV12,width=640,height=368,framerate=30/1");
        gst_harness_push(h, in_memory(Picture{640, 368}.nv12()).give());
        EXPECT_EQ(gst_harness_buffers_received(h), 1u);
        EXPECT_EQ(left()[CVI_STANDIN_CHANNELS], 2);
        gst_harness_teardown(h);
    }
    EXPECT_EQ(left()[CVI_STANDIN_CHANNELS], 1);
    EXPECT_TRUE(encode()) << "the system goes on for who is left";
}

TEST_F(VencCvi, NamesTheLibraryInUseWhileItIsOpen)
{
    make();
    start();
    gchar *path = nullptr;
    g_object_get(element_.get(), "library", &path, nullptr);
    EXPECT_NE(std::string{path}.find("libcvi_standin.so"), std::string::npos) << path;
    g_free(path);
}
