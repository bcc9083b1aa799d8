// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/gst/ref.h"
#include "lib/virtual/computer.h"
#include "lib/virtual/stamp.h"
#include "plugins/kvmsrc/virtual_source.h"

#include <cstring>
#include <gst/check/gstharness.h>
#include <gst/check/gsttestclock.h>
#include <gst/video/video.h>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <vector>

using panto::Ref;
using panto::VirtualComputer;

namespace
{

struct Teardown {
    void operator()(GstHarness *h) const { gst_harness_teardown(h); }
};

/// One kvmsrc on a clock that only the test moves.
class KvmSrc : public testing::Test
{
protected:
    KvmSrc() { computer().connect_video(true); }
    ~KvmSrc() override
    {
        gst_element_set_bus(element_.get(), nullptr);
        harness_.reset();
    }

    static VirtualComputer &computer() { return VirtualComputer::shared(); }

    void play(unsigned width = 640, unsigned height = 480, unsigned fps = 30, bool stamp = false)
    {
        g_object_set(element_.get(), "width", width, "height", height, "fps", fps, "stamp", stamp,
                     nullptr);
        harness_.reset(gst_harness_new_with_element(element_.get(), nullptr, "src"));
        gst_element_set_bus(element_.get(), bus_.get());
        gst_harness_use_testclock(harness_.get());
        gst_harness_play(harness_.get());
    }

    Ref<GstBuffer> pull() { return Ref<GstBuffer>::adopt(gst_harness_pull(harness_.get())); }
    /// Moves the clock to the element's next tick and takes what it then delivers.
    Ref<GstBuffer> tick()
    {
        EXPECT_TRUE(gst_harness_crank_single_clock_wait(harness_.get()));
        return pull();
    }

    /// The oldest kvm-signal not read yet: "state WxH@fps"; "" when there is none.
    std::string signal()
    {
        while (auto m =
                   Ref<GstMessage>::adopt(gst_bus_pop_filtered(bus_.get(), GST_MESSAGE_ELEMENT))) {
            const GstStructure *s = gst_message_get_structure(m.get());
            guint width = 0, height = 0;
            double fps = 0;
            if (!gst_structure_has_name(s, "kvm-signal") ||
                !gst_structure_get(s, "width", G_TYPE_UINT, &width, "height", G_TYPE_UINT, &height,
                                   "fps", G_TYPE_DOUBLE, &fps, nullptr))
                continue;
            return std::string{gst_structure_get_string(s, "state")} + " " + std::to_string(width) +
                   "x" + std::to_string(height) + "@" + std::to_string(int(fps));
        }
        return "";
    }

    GstVideoInfo caps()
    {
        const auto caps = Ref<GstCaps>::adopt(gst_pad_get_current_caps(harness_->sinkpad));
        GstVideoInfo info;
        EXPECT_TRUE(gst_video_info_from_caps(&info, caps.get()));
        return info;
    }

    Ref<GstElement> element_ = Ref<GstElement>::sink(gst_element_factory_make("kvmsrc", nullptr));
    Ref<GstBus> bus_ = Ref<GstBus>::adopt(gst_bus_new());
    std::unique_ptr<GstHarness, Teardown> harness_;
};

std::vector<uint8_t> bytes(GstBuffer *buffer)
{
    std::vector<uint8_t> out(gst_buffer_get_size(buffer));
    gst_buffer_extract(buffer, 0, out.data(), out.size());
    return out;
}

const uint8_t kAbsoluteMiddle[] = {0, 0xff, 0x3f, 0xff, 0x3f, 0};
const uint8_t kAbsoluteCorner[] = {0, 0x01, 0x10, 0x01, 0x10, 0};

} // namespace

TEST_F(KvmSrc, DeliversI420AtTheSizeOfTheVirtualScreen)
{
    play(640, 480);
    const auto frame = pull();
    const GstVideoInfo info = caps();
    EXPECT_EQ(GST_VIDEO_INFO_FORMAT(&info), GST_VIDEO_FORMAT_I420);
    EXPECT_EQ(info.width, 640);
    EXPECT_EQ(info.height, 480);
    EXPECT_EQ(info.fps_n, 30);
    EXPECT_TRUE(gst_video_colorimetry_matches(&info.colorimetry, GST_VIDEO_COLORIMETRY_BT709));
    EXPECT_EQ(bytes(frame.get()), computer().picture()->i420);
}

TEST_F(KvmSrc, DeliversOnePicturePerTickStampedWithTheTick)
{
    play(640, 480, 50);
    std::vector<GstClockTime> pts{GST_BUFFER_PTS(pull().get())};
    for (int i = 0; i < 3; ++i)
        pts.push_back(GST_BUFFER_PTS(tick().get()));
    EXPECT_EQ(pts,
              (std::vector<GstClockTime>{0, 20 * GST_MSECOND, 40 * GST_MSECOND, 60 * GST_MSECOND}));
}

TEST_F(KvmSrc, SkipsToTheNewestTickWhenItWakesLate)
{
    play(640, 480, 50);
    pull();
    ASSERT_TRUE(gst_harness_wait_for_clock_id_waits(harness_.get(), 1, 10));
    ASSERT_TRUE(gst_harness_set_time(harness_.get(), 1010 * GST_MSECOND));
    ASSERT_TRUE(gst_harness_crank_single_clock_wait(harness_.get()));
    EXPECT_EQ(GST_BUFFER_PTS(pull().get()), 1000 * GST_MSECOND);
    EXPECT_EQ(GST_BUFFER_PTS(tick().get()), 1020 * GST_MSECOND);
}

TEST_F(KvmSrc, HandsOutTheSameMemoryWhileTheScreenStandsStill)
{
    play();
    const auto first = pull();
    const auto second = tick();
    ASSERT_EQ(GST_BUFFER_OFFSET(first.get()), GST_BUFFER_OFFSET(second.get()));
    EXPECT_EQ(gst_buffer_peek_memory(first.get(), 0), gst_buffer_peek_memory(second.get(), 0));
    const auto picture = computer().picture();
    GstMapInfo map;
    ASSERT_TRUE(gst_buffer_map(second.get(), &map, GST_MAP_READ));
    EXPECT_EQ(map.data, picture->i420.data()); // the screen itself: nothing was copied
    gst_buffer_unmap(second.get(), &map);
}

TEST_F(KvmSrc, KeepsAPictureThatIsHeldDownstreamUnchanged)
{
    ASSERT_TRUE(computer().report(kAbsoluteMiddle));
    play();
    const auto held = pull();
    const auto before = bytes(held.get());
    ASSERT_TRUE(computer().report(kAbsoluteCorner));
    const auto moved = tick();
    EXPECT_NE(GST_BUFFER_OFFSET(held.get()), GST_BUFFER_OFFSET(moved.get()));
    EXPECT_NE(bytes(moved.get()), before);
    EXPECT_EQ(bytes(held.get()), before);
}

TEST_F(KvmSrc, PadsRowsThatGStreamerWantsAligned)
{
    play(1366, 768);
    const auto frame = pull();
    const auto picture = computer().picture();
    const GstVideoInfo info = caps();
    const auto got = bytes(frame.get());
    ASSERT_EQ(got.size(), info.size);
    EXPECT_EQ(info.stride[0], 1368);
    for (unsigned y = 0; y < 768; ++y)
        ASSERT_EQ(std::memcmp(&got[y * 1368], &picture->i420[y * 1366], 1366), 0) << y;
    const size_t last_row = info.offset[2] + size_t(383) * size_t(info.stride[2]);
    EXPECT_EQ(std::memcmp(&got[last_row], &picture->i420[picture->i420.size() - 683], 683), 0);
}

TEST_F(KvmSrc, FollowsTheScreenToAnotherSizeWithoutAPause)
{
    play(640, 480);
    pull();
    ASSERT_TRUE(computer().resize(800, 600));
    const auto frame = tick();
    EXPECT_EQ(caps().width, 800);
    EXPECT_EQ(gst_buffer_get_size(frame.get()), 800u * 600 * 3 / 2);
    EXPECT_EQ(signal(), "ok 640x480@30");
    EXPECT_EQ(signal(), "ok 800x600@30");
}

TEST_F(KvmSrc, DrawsWhyThereIsNoPictureAndSaysSo)
{
    play();
    const auto screen = bytes(pull().get());
    computer().connect_video(false);
    const auto drawn = tick();
    EXPECT_EQ(gst_buffer_get_size(drawn.get()), screen.size());
    EXPECT_NE(bytes(drawn.get()), screen);
    EXPECT_EQ(signal(), "ok 640x480@30");
    EXPECT_EQ(signal(), "no-cable 0x0@0");
}

TEST_F(KvmSrc, ReturnsToThePictureOnTheNextTick)
{
    play();
    const auto screen = bytes(pull().get());
    computer().connect_video(false);
    tick();
    computer().connect_video(true);
    EXPECT_EQ(bytes(tick().get()), screen);
    signal(), signal();
    EXPECT_EQ(signal(), "ok 640x480@30");
    EXPECT_EQ(signal(), "");
}

TEST_F(KvmSrc, RepeatsTheDrawnFrameFourTimesASecond)
{
    computer().connect_video(false);
    play(640, 480, 40);
    std::vector<GstClockTime> pts{GST_BUFFER_PTS(pull().get())};
    for (int i = 0; i < 40; ++i) {
        ASSERT_TRUE(gst_harness_crank_single_clock_wait(harness_.get()));
        ASSERT_TRUE(gst_harness_wait_for_clock_id_waits(harness_.get(), 1, 10));
        while (auto b = Ref<GstBuffer>::adopt(gst_harness_try_pull(harness_.get())))
            pts.push_back(GST_BUFFER_PTS(b.get()));
    }
    EXPECT_EQ(pts, (std::vector<GstClockTime>{0, 250 * GST_MSECOND, 500 * GST_MSECOND,
                                              750 * GST_MSECOND, GST_SECOND}));
}

TEST_F(KvmSrc, DrawsTheTimeOfDayIntoStampedFrames)
{
    play(640, 480, 30, true);
    pull();
    const uint32_t before = panto::stamp::now();
    const auto frame = bytes(tick().get());
    const uint32_t after = panto::stamp::now();
    const auto value = panto::stamp::read(frame.data(), 640);
    ASSERT_TRUE(value);
    EXPECT_LE(*value - before, after - before); // modulo 2^32
}

TEST_F(KvmSrc, TellsTheWallClockTimeOfEachPicture)
{
    const GstClockTime before = GstClockTime(g_get_real_time()) * 1000;
    play();
    const auto frame = pull();
    const GstClockTime after = GstClockTime(g_get_real_time()) * 1000;
    auto *meta = gst_buffer_get_reference_timestamp_meta(frame.get(), nullptr);
    ASSERT_NE(meta, nullptr);
    EXPECT_GE(meta->timestamp, before);
    EXPECT_LE(meta->timestamp, after);
}

TEST_F(KvmSrc, CountsWhatItHandedOnAndWhatItSkipped)
{
    play(640, 480, 50);
    pull();
    ASSERT_TRUE(gst_harness_wait_for_clock_id_waits(harness_.get(), 1, 10));
    ASSERT_TRUE(gst_harness_set_time(harness_.get(), 100 * GST_MSECOND));
    tick();
    GstStructure *stats = nullptr;
    g_object_get(element_.get(), "stats", &stats, nullptr);
    guint64 frames = 0, dropped = 0;
    ASSERT_TRUE(gst_structure_get(stats, "frames", G_TYPE_UINT64, &frames, "dropped", G_TYPE_UINT64,
                                  &dropped, nullptr));
    EXPECT_EQ(frames, 2u);
    EXPECT_EQ(dropped, 4u); // 20, 40, 60 and 80 ms
    gst_structure_free(stats);
}

TEST_F(KvmSrc, StopsWhileItWaitsForATick)
{
    play();
    pull();
    ASSERT_TRUE(gst_harness_wait_for_clock_id_waits(harness_.get(), 1, 10));
    EXPECT_EQ(gst_element_set_state(element_.get(), GST_STATE_NULL), GST_STATE_CHANGE_SUCCESS);
}

TEST_F(KvmSrc, PlaysAgainAfterAStop)
{
    play();
    pull();
    gst_element_set_state(element_.get(), GST_STATE_NULL);
    gst_element_set_state(element_.get(), GST_STATE_PLAYING);
    EXPECT_TRUE(pull());
}

TEST_F(KvmSrc, ShowsTheRangesAndChoicesThatItTakes)
{
    auto *klass = G_OBJECT_GET_CLASS(element_.get());
    const auto *width = G_PARAM_SPEC_UINT(g_object_class_find_property(klass, "width"));
    EXPECT_EQ(width->minimum, 320u);
    EXPECT_EQ(width->maximum, 4096u);
    const auto *height = G_PARAM_SPEC_UINT(g_object_class_find_property(klass, "height"));
    EXPECT_EQ(height->minimum, 200u);
    EXPECT_EQ(height->maximum, 2160u);
    GParamSpec *io_mode = g_object_class_find_property(klass, "io-mode");
    ASSERT_TRUE(G_IS_PARAM_SPEC_ENUM(io_mode));
    const GEnumClass *modes = G_PARAM_SPEC_ENUM(io_mode)->enum_class;
    ASSERT_EQ(modes->n_values, 2u);
    EXPECT_STREQ(modes->values[0].value_nick, "mmap");
    EXPECT_STREQ(modes->values[1].value_nick, "dmabuf");
    gint mode = -1;
    g_object_get(element_.get(), "io-mode", &mode, nullptr);
    EXPECT_EQ(mode, 0);
    gst_util_set_object_arg(G_OBJECT(element_.get()), "io-mode", "dmabuf");
    g_object_get(element_.get(), "io-mode", &mode, nullptr);
    EXPECT_EQ(mode, 1);
}

TEST_F(KvmSrc, RefusesASizeTheVirtualScreenCannotHave)
{
    g_object_set(element_.get(), "width", 641u, nullptr);
    gst_element_set_bus(element_.get(), bus_.get());
    EXPECT_EQ(gst_element_set_state(element_.get(), GST_STATE_PAUSED), GST_STATE_CHANGE_FAILURE);
    const auto m = Ref<GstMessage>::adopt(gst_bus_pop_filtered(bus_.get(), GST_MESSAGE_ERROR));
    ASSERT_TRUE(m);
    GError *error = nullptr;
    gst_message_parse_error(m.get(), &error, nullptr);
    EXPECT_TRUE(g_error_matches(error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS));
    EXPECT_NE(std::strstr(error->message, "641x720"), nullptr) << error->message;
    g_error_free(error);
    gst_element_set_state(element_.get(), GST_STATE_NULL);
}

TEST_F(KvmSrc, SaysWhatThePictureIsWhenNothingDownstreamTakesIt)
{
    harness_.reset(gst_harness_new_with_element(element_.get(), nullptr, "src"));
    gst_element_set_bus(element_.get(), bus_.get());
    gst_harness_set_sink_caps_str(harness_.get(), "video/x-raw,width=1920");
    gst_harness_play(harness_.get());
    const auto m = Ref<GstMessage>::adopt(
        gst_bus_timed_pop_filtered(bus_.get(), 10 * GST_SECOND, GST_MESSAGE_ERROR));
    ASSERT_TRUE(m);
    GError *error = nullptr;
    gst_message_parse_error(m.get(), &error, nullptr);
    EXPECT_TRUE(g_error_matches(error, GST_CORE_ERROR, GST_CORE_ERROR_NEGOTIATION));
    EXPECT_NE(std::strstr(error->message, "width=(int)1280"), nullptr) << error->message;
    g_error_free(error);
}

TEST_F(KvmSrc, AnswersTheLatencyQueryAsALiveSource)
{
    play();
    pull();
    const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(element_.get(), "src"));
    GstQuery *query = gst_query_new_latency();
    gboolean live = FALSE;
    ASSERT_TRUE(gst_pad_query(pad.get(), query));
    gst_query_parse_latency(query, &live, nullptr, nullptr);
    EXPECT_TRUE(live);
    gst_query_unref(query);
}

TEST(VirtualSource, CallsAComputerThatIsOffNoSignal)
{
    const auto element = Ref<GstElement>::sink(gst_element_factory_make("kvmsrc", nullptr));
    const auto clock = Ref<GstClock>::adopt(gst_test_clock_new());
    gst_element_set_clock(element.get(), clock.get());
    panto::Time now{};
    VirtualComputer computer{640, 480, [&] { return now; }};
    panto::kvm::VirtualSource source{element.get(), computer, {640, 480, 30, false}};
    ASSERT_TRUE(source.start());
    ASSERT_TRUE(source.configure(source.caps()));
    computer.hold(VirtualComputer::Button::Power, true);
    now += std::chrono::seconds{5}; // held this long it cuts the power
    EXPECT_EQ(source.take().what, panto::kvm::Taken::What::NoPicture);
    EXPECT_EQ(source.signal().state, panto::kvm::State::NoSignal);
}
