// SPDX-License-Identifier: LGPL-2.1-or-later
/// What the H.264 stream of a hardware encoder is like, and how it follows what is asked for.
#include "tests/element/venc_fixture.h"

using namespace panto::venc::test;
using panto::Ref;

TEST_F(Venc, MakesOnePacketOfOneSliceOfEachPictureInTheSameCall)
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
    EXPECT_GT(stat("encode-us-p50"), 0u);
    EXPECT_GE(stat("encode-us-max"), stat("encode-us-p95"));
}

TEST_F(Venc, MakesPicturesThatCanBeSeen)
{
    make();
    start(1280, 720);
    panto::mpp::test::Decoder decoder;
    for (int i = 0; i < 10; ++i) {
        const Picture picture{1280, 720, i};
        const auto unit = encode(picture);
        ASSERT_TRUE(unit);
        EXPECT_GT(psnr(decoder.decode(unit->bytes), picture), 30) << i;
    }
}

TEST_F(Venc, MakesAKeyFrameOfThePictureItIsAskedFor)
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

TEST_F(Venc, MakesOneKeyFrameForTenViewersThatComeWithin100Ms)
{
    make();
    start();
    for (int i = 0; i < 40; ++i) {
        for (int viewers = 0; i >= 10 && i < 13 && viewers < 4; ++viewers)
            ask_for_key();
        const auto unit = encode();
        ASSERT_TRUE(unit);
        // Those who came after it had begun have one in 250 ms.
        EXPECT_EQ(unit->key, i == 0 || i == 10 || i == 18) << i;
    }
}

TEST_F(Venc, FollowsABitRateWithoutAKeyFrame)
{
    make();
    set("bitrate", 4000u);
    start();
    const auto second = [this] {
        size_t bytes = 0;
        for (int i = 0; i < 30; ++i) {
            Picture noisy{width_, height_, step_++};
            for (size_t at = 0; at < noisy.y.size(); ++at)
                noisy.y[at] += uint8_t(uint32_t(at * 2654435761u) * unsigned(step_) >> 29);
            const auto unit = encode(noisy);
            EXPECT_TRUE(unit);
            EXPECT_EQ(unit->key, step_ == 1) << step_;
            bytes += unit->bytes.size();
        }
        return double(bytes) * 8 / 1000;
    };
    second();
    const double before = second();
    set("bitrate", 1000u);
    second();
    const double after = second();
    EXPECT_NEAR(before, 4000, 1200);
    EXPECT_NEAR(after, 1000, 300);
}

TEST_F(Venc, FollowsTheDistanceBetweenKeyFramesWhilePlaying)
{
    make();
    start();
    encode();
    encode();
    set("gop-size", 5);
    for (int i = 0; i < 12; ++i)
        EXPECT_EQ(encode()->key, i % 5 == 0) << i;
}

TEST_F(Venc, BeginsAnewWithOtherCaps)
{
    make();
    start(1920, 1080, "NV12", "framerate=60/1");
    auto unit = encode();
    ASSERT_TRUE(unit);
    EXPECT_EQ(unit->profile()[2], 42);
    encode();
    start(1280, 720, "NV12", "framerate=60/1");
    panto::mpp::test::Decoder decoder;
    for (int i = 0; i < 3; ++i) {
        const Picture picture{1280, 720, i};
        unit = encode(picture);
        ASSERT_TRUE(unit);
        EXPECT_EQ(unit->key, i == 0);
        if (i == 0) {
            EXPECT_EQ(unit->nal_types(), (std::vector<int>{7, 8, 5}));
            EXPECT_EQ(unit->profile()[2], 32);
        }
        EXPECT_GT(psnr(decoder.decode(unit->bytes), picture), 30);
    }
}

TEST_F(Venc, FollowsAnotherRateOfFramesWithoutBeingOpenedAnew)
{
    Calls calls;
    make();
    start(640, 368, "NV12", "framerate=30/1");
    encode();
    start(640, 368, "NV12", "framerate=60/1");
    EXPECT_TRUE(encode()->key) << "the library begins anew";
    EXPECT_FALSE(encode()->key);
    end();
    const auto all = calls.take();
    EXPECT_EQ(std::count(all.begin(), all.end(), "create"), 1);
    EXPECT_EQ(std::count(all.begin(), all.end(), "cfg_set rc:fps_out_num 60"), 1);
}

TEST_F(Venc, SaysAProfileThatBrowsersKnow)
{
    const struct {
        const char *profile;
        int idc, constraints;
    } known[] = {{"constrained-baseline", 0x42, 0xe0},
                 {"main", 0x4d, 0x40},
                 {"high", 0x64, 0x00},
                 {"constrained-high", 0x64, 0x0c}};
    for (const auto &k : known) {
        make();
        start(1920, 1080, "NV12", "framerate=30/1",
              ("video/x-h264,profile=" + std::string{k.profile}).c_str());
        const auto unit = encode();
        ASSERT_TRUE(unit) << k.profile;
        EXPECT_EQ(unit->profile(), (std::vector<int>{k.idc, k.constraints, 40})) << k.profile;
        const auto caps = Ref<GstCaps>::adopt(gst_pad_get_current_caps(src_pad().get()));
        const GstStructure *s = gst_caps_get_structure(caps.get(), 0);
        EXPECT_STREQ(gst_structure_get_string(s, "profile"), k.profile);
        EXPECT_STREQ(gst_structure_get_string(s, "level"), "4");
        end();
    }
}

TEST_F(Venc, GoesOnAfterAFlush)
{
    make();
    start();
    encode();
    gst_harness_push_event(harness_.get(), gst_event_new_flush_start());
    gst_harness_push_event(harness_.get(), gst_event_new_flush_stop(TRUE));
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    gst_harness_push_event(harness_.get(), gst_event_new_segment(&segment));
    for (int i = 0; i < 3; ++i)
        EXPECT_TRUE(encode()) << i;
    EXPECT_EQ(errors(), "");
}

TEST_F(Venc, HasNothingLeftToGiveAtTheEnd)
{
    make();
    start();
    EXPECT_TRUE(encode());
    EXPECT_TRUE(gst_harness_push_event(harness_.get(), gst_event_new_eos()));
    EXPECT_FALSE(pull());
}

TEST_F(Venc, LeavesOutFramesThatCameLateIfAsked)
{
    make();
    set("qos", TRUE);
    set("min-force-key-unit-interval", guint64{0});
    start();
    EXPECT_TRUE(encode());
    gst_harness_push_upstream_event(
        harness_.get(), gst_event_new_qos(GST_QOS_TYPE_UNDERFLOW, 2.0, 50 * GST_MSECOND, pts_));
    EXPECT_FALSE(encode());
    EXPECT_EQ(stat("late"), 1u);
    ask_for_key();
    const auto asked = encode();
    ASSERT_TRUE(asked) << "a key frame that is asked for is never too late";
    EXPECT_TRUE(asked->key);
}

TEST_F(Venc, WritesHeadersAndTextAsAsked)
{
    make();
    set_text("header-mode", "first-frame");
    set_text("sei-mode", "one-frame");
    set("min-force-key-unit-interval", guint64{0});
    start();
    EXPECT_EQ(encode()->nal_types(), (std::vector<int>{7, 8, 6, 5}));
    EXPECT_EQ(encode()->nal_types(), (std::vector<int>{6, 1}));
    ask_for_key();
    EXPECT_EQ(encode()->nal_types(), (std::vector<int>{6, 5}));
}

TEST_F(Venc, NamesTheLibraryInUseWhileItIsOpen)
{
    make();
    const auto library = [this] {
        char *path = nullptr;
        g_object_get(element_.get(), "library", &path, nullptr);
        const std::string text = path ? path : "";
        g_free(path);
        return text;
    };
    EXPECT_EQ(library(), "");
    start();
    EXPECT_EQ(library(), std::getenv("VENC_STANDIN"));
}

TEST_F(Venc, AddsNoMoreLatencyThanAFrame)
{
    make();
    start(640, 368, "NV12", "framerate=25/1");
    encode();
    EXPECT_LE(gst_harness_query_latency(harness_.get()), 40 * GST_MSECOND);
}

TEST_F(Venc, AsksTheLibraryInTheOrderThatItNeeds)
{
    Calls all;
    make();
    set_text("extra-config", "rc:stats_time=2,rc:of_no_version=1");
    start();
    encode();
    encode();
    end();
    std::vector<std::string> calls;
    for (const auto &line : all.take())
        if (!line.starts_with("cfg_set"))
            calls.push_back(line.substr(0, line.find(" type=")));
    const std::vector<std::string> expected = {"create",
                                               "control SET_OUTPUT_TIMEOUT 100",
                                               "init",
                                               "cfg_init",
                                               "control GET_CFG",
                                               "control SET_CFG = 0 idr",
                                               "control SET_SEI_CFG 0",
                                               "control SET_HEADER_MODE 1",
                                               "buffer_group_get",
                                               "put pts=0",
                                               "get pts=0",
                                               "put pts=1",
                                               "get pts=1",
                                               "cfg_deinit",
                                               "destroy"};
    for (auto &call : calls)
        call = call.substr(0, call.find(" length="));
    EXPECT_EQ(calls, expected);
}

TEST_F(Venc, TakesEverySettingByTheNameThatUsersKnow)
{
    const auto runs = [](const std::string &line) {
        GError *error = nullptr;
        const auto pipeline = Ref<GstElement>::sink(gst_parse_launch(line.c_str(), &error));
        EXPECT_FALSE(error) << error->message;
        gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
        const auto bus = Ref<GstBus>::adopt(gst_element_get_bus(pipeline.get()));
        const auto end = Ref<GstMessage>::adopt(gst_bus_timed_pop_filtered(
            bus.get(), 20 * GST_SECOND, GstMessageType(GST_MESSAGE_EOS | GST_MESSAGE_ERROR)));
        EXPECT_TRUE(end && GST_MESSAGE_TYPE(end.get()) == GST_MESSAGE_EOS) << line;
        gst_element_set_state(pipeline.get(), GST_STATE_NULL);
    };
    runs("videotestsrc num-buffers=5 ! vench264enc bitrate=2000 max-bitrate=3000 rate-control=vbr "
         "gop-size=30 qp-init=26 qp-min=12 qp-max=44 qp-min-i=12 qp-max-i=40 qp-delta-ip=3 "
         "header-mode=first-frame sei-mode=one-seq intra-refresh=true intra-refresh-rows=2 "
         "min-force-key-unit-interval=100000000 qos=true backend=mpp "
         "extra-config=rc:stats_time=2 ! h264parse ! fakesink");
    runs("videotestsrc num-buffers=5 ! vench264enc rc-mode=fixqp ! fakesink");
    runs("videotestsrc num-buffers=5 ! vencjpegenc quality=70 ! jpegparse ! fakesink");
}

namespace
{

/// Whether the library was told so.
testing::AssertionResult told(const std::vector<std::string> &calls, const std::string &key,
                              int value)
{
    const std::string call = "cfg_set " + key + " " + std::to_string(value);
    if (std::find(calls.begin(), calls.end(), call) != calls.end())
        return testing::AssertionSuccess();
    return testing::AssertionFailure() << "not told: " << call;
}

} // namespace

TEST_F(Venc, TellsTheLibraryTheColoursOfTheCaps)
{
    const struct {
        const char *format, *colorimetry;
        int matrix, primaries, transfer, range;
    } known[] = {{"NV12", "bt709", 1, 1, 1, 1},
                 {"NV12", "bt601", 6, 6, 6, 1},
                 {"NV12", "1:3:5:1", 1, 1, 1, 2},
                 {"BGR", "sRGB", 1, 1, 1, 1}}; // it converts RGB itself
    for (const auto &k : known) {
        Calls calls;
        make();
        start(640, 368, k.format, "framerate=30/1,colorimetry=" + std::string{k.colorimetry});
        end();
        const auto all = calls.take();
        EXPECT_TRUE(told(all, "prep:colorspace", k.matrix)) << k.colorimetry;
        EXPECT_TRUE(told(all, "prep:colorprim", k.primaries)) << k.colorimetry;
        EXPECT_TRUE(told(all, "prep:colortrc", k.transfer)) << k.colorimetry;
        EXPECT_TRUE(told(all, "prep:colorrange", k.range)) << k.colorimetry;
    }
}

TEST_F(Venc, PlansWithTheHighestRateOfOneThatVaries)
{
    Calls calls;
    make();
    start(1920, 1080, "NV12", "framerate=0/1,max-framerate=60/1");
    EXPECT_EQ(encode()->profile()[2], 42);
    end();
    const auto all = calls.take();
    EXPECT_TRUE(told(all, "rc:fps_in_flex", 1));
    EXPECT_TRUE(told(all, "rc:fps_out_num", 60));
}

TEST_F(Venc, MakesAJpegOfTheQualityThatIsSetMeanwhile)
{
    make("vencjpegenc");
    start();
    const size_t before = encode()->bytes.size();
    set("quality", 20u);
    EXPECT_LT(encode()->bytes.size(), before * 3 / 4);
}

TEST_F(Venc, EncodesForSeveralAtOnce)
{
    GError *error = nullptr;
    const auto pipeline = Ref<GstElement>::sink(
        gst_parse_launch("videotestsrc num-buffers=20 ! video/x-raw,format=NV12 ! tee name=t "
                         "t. ! queue ! vench264enc ! fakesink t. ! queue ! vench264enc ! fakesink "
                         "t. ! queue ! vencjpegenc ! fakesink",
                         &error));
    ASSERT_FALSE(error);
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    const auto bus = Ref<GstBus>::adopt(gst_element_get_bus(pipeline.get()));
    const auto last = Ref<GstMessage>::adopt(gst_bus_timed_pop_filtered(
        bus.get(), 20 * GST_SECOND, GstMessageType(GST_MESSAGE_EOS | GST_MESSAGE_ERROR)));
    EXPECT_TRUE(last && GST_MESSAGE_TYPE(last.get()) == GST_MESSAGE_EOS);
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
}
