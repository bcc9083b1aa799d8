// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/gst/ref.h"

#include <algorithm>
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

constexpr int kWidth = 64, kHeight = 32;
constexpr char kI420[] = "video/x-raw,format=I420,width=64,height=32,framerate=30/1";
constexpr char kJpeg[] = "image/jpeg,width=64,height=32,framerate=30/1";

struct Teardown {
    void operator()(GstHarness *h) const { gst_harness_teardown(h); }
};

using Bytes = std::vector<uint8_t>;

/// A flat grey picture in I420.
Bytes grey(uint8_t level)
{
    return Bytes(kWidth * kHeight * 3 / 2, level);
}

Bytes jpeg(const Bytes &i420, const std::string &comment = "")
{
    const unsigned char *planes[] = {i420.data(), i420.data() + kWidth * kHeight,
                                     i420.data() + kWidth * kHeight * 5 / 4};
    tjhandle encoder = tjInitCompress();
    unsigned char *data = nullptr;
    unsigned long size = 0;
    EXPECT_EQ(tjCompressFromYUVPlanes(encoder, planes, kWidth, nullptr, kHeight, TJSAMP_420, &data,
                                      &size, 90, 0),
              0);
    Bytes out(data, data + size);
    tjFree(data);
    tjDestroy(encoder);
    if (!comment.empty()) {
        Bytes segment{0xff, 0xfe, 0, uint8_t(comment.size() + 2)};
        segment.insert(segment.end(), comment.begin(), comment.end());
        out.insert(out.begin() + 2, segment.begin(), segment.end());
    }
    return out;
}

class MjpegDetect : public testing::Test
{
protected:
    ~MjpegDetect() override { gst_element_set_bus(element_.get(), nullptr); }

    void start(const char *caps, unsigned threshold = 0, unsigned max_interval_ms = 1000)
    {
        g_object_set(element_.get(), "threshold", threshold, "max-interval", max_interval_ms,
                     nullptr);
        harness_.reset(gst_harness_new_with_element(element_.get(), "sink", "src"));
        gst_element_set_bus(element_.get(), bus_.get());
        gst_harness_set_src_caps_str(harness_.get(), caps);
    }

    /// Pushes a buffer and tells whether it came out.
    bool passes(GstBuffer *buffer)
    {
        EXPECT_EQ(gst_harness_push(harness_.get(), buffer), GST_FLOW_OK);
        last_ = Ref<GstBuffer>::adopt(gst_harness_try_pull(harness_.get()));
        return bool(last_);
    }
    bool passes(const Bytes &frame, GstClockTime pts = GST_CLOCK_TIME_NONE)
    {
        GstBuffer *b = gst_buffer_new_memdup(frame.data(), frame.size());
        GST_BUFFER_PTS(b) = pts;
        return passes(b);
    }

    /// The names of the messages since the last call.
    std::vector<std::string> said()
    {
        std::vector<std::string> names;
        while (auto m =
                   Ref<GstMessage>::adopt(gst_bus_pop_filtered(bus_.get(), GST_MESSAGE_ELEMENT)))
            names.push_back(gst_structure_get_name(gst_message_get_structure(m.get())));
        return names;
    }

    Ref<GstElement> element_ =
        Ref<GstElement>::sink(gst_element_factory_make("mjpegdetect", nullptr));
    Ref<GstBus> bus_ = Ref<GstBus>::adopt(gst_bus_new());
    std::unique_ptr<GstHarness, Teardown> harness_;
    Ref<GstBuffer> last_;
};

using Words = std::vector<std::string>;

} // namespace

TEST_F(MjpegDetect, DropsARawFrameOfTheSameBytes)
{
    start(kI420);
    EXPECT_TRUE(passes(grey(50)));
    EXPECT_FALSE(passes(grey(50)));
    EXPECT_TRUE(passes(grey(51)));
}

TEST_F(MjpegDetect, SeesAChangeOfASingleByte)
{
    start(kI420);
    passes(grey(50));
    Bytes changed = grey(50);
    changed.back() = 51;
    EXPECT_TRUE(passes(changed));
}

TEST_F(MjpegDetect, DropsTheSameMemoryWithoutReadingIt)
{
    start(kI420);
    const Bytes frame = grey(50);
    GstBuffer *first = gst_buffer_new_memdup(frame.data(), frame.size());
    GstBuffer *second = gst_buffer_new();
    gst_buffer_append_memory(second, gst_memory_ref(gst_buffer_peek_memory(first, 0)));
    EXPECT_TRUE(passes(first));
    EXPECT_FALSE(passes(second));
}

TEST_F(MjpegDetect, LooksAtTheVisibleBytesOfARowOnly)
{
    start(kI420);
    gsize offset[] = {0, 80 * 32, 80 * 32 + 40 * 16, 0};
    gint stride[] = {80, 40, 40, 0}; // 64 and 32 of them visible
    const auto padded = [&](uint8_t padding) {
        Bytes frame(80 * 32 + 2 * 40 * 16, 50);
        for (int y = 0; y < 32; ++y)
            std::fill_n(&frame[size_t(y) * 80 + 64], 16, padding);
        GstBuffer *b = gst_buffer_new_memdup(frame.data(), frame.size());
        gst_buffer_add_video_meta_full(b, GST_VIDEO_FRAME_FLAG_NONE, GST_VIDEO_FORMAT_I420, kWidth,
                                       kHeight, 3, offset, stride);
        return b;
    };
    EXPECT_TRUE(passes(padded(1)));
    EXPECT_FALSE(passes(padded(2)));
}

TEST_F(MjpegDetect, ToleratesNoiseUpToTheThreshold)
{
    start(kI420, 4);
    passes(grey(50));
    Bytes noisy = grey(50);
    for (size_t i = 0; i < noisy.size(); ++i)
        noisy[i] = uint8_t(noisy[i] + (i * 7919) % 7 - 3); // at most 3 off, 1.7 in the mean
    EXPECT_FALSE(passes(noisy));
}

TEST_F(MjpegDetect, SeesASmallChangeAmongNoiseItTolerates)
{
    start(kI420, 4);
    passes(grey(50));
    Bytes cursor = grey(50);
    for (int y = 8; y < 16; ++y) // an underscore wide and a letter high
        std::fill_n(&cursor[size_t(y) * kWidth + 20], 2, 235);
    EXPECT_TRUE(passes(cursor));
}

TEST_F(MjpegDetect, ComparesWithTheFrameItLetThroughSoThatSlowDriftShows)
{
    start(kI420, 4, 0);
    std::vector<bool> passed;
    for (uint8_t level = 50; level < 62; level += 2)
        passed.push_back(passes(grey(level)));
    EXPECT_EQ(passed, (std::vector<bool>{true, false, false, true, false, false}));
}

TEST_F(MjpegDetect, SeesAChangeOfColourAlone)
{
    start(kI420, 4);
    passes(grey(50));
    Bytes tinted = grey(50);
    std::fill(tinted.begin() + kWidth * kHeight, tinted.end(), 90);
    EXPECT_TRUE(passes(tinted));
}

TEST_F(MjpegDetect, DropsAJpegThatDiffersInItsCommentOnly)
{
    start(kJpeg);
    EXPECT_TRUE(passes(jpeg(grey(50), "TS=00001")));
    EXPECT_FALSE(passes(jpeg(grey(50), "TS=00002")));
    EXPECT_TRUE(passes(jpeg(grey(90), "TS=00003")));
}

TEST_F(MjpegDetect, ToleratesNoiseInJpegByTheMeanOfEachBlock)
{
    start(kJpeg, 6);
    Bytes noisy = grey(50);
    for (size_t i = 0; i < noisy.size(); i += 5)
        noisy[i] = 60;
    Bytes other = grey(50);
    for (int y = 8; y < 16; ++y)
        std::fill_n(&other[size_t(y) * kWidth + 8], 8, 90);
    EXPECT_TRUE(passes(jpeg(grey(50))));
    EXPECT_FALSE(passes(jpeg(noisy)));
    EXPECT_TRUE(passes(jpeg(other)));
}

TEST_F(MjpegDetect, PassesWhatIsNoJpegInSpiteOfItsCapsUnlessItRepeats)
{
    start(kJpeg, 6);
    EXPECT_TRUE(passes(Bytes{1, 2, 3}));
    EXPECT_TRUE(passes(Bytes{1, 2, 4}));
    EXPECT_TRUE(passes(gst_buffer_new()));
    EXPECT_TRUE(passes(jpeg(grey(50))));
}

TEST_F(MjpegDetect, LetsOneThroughEveryMaxInterval)
{
    start(kI420, 0, 500);
    std::vector<GstClockTime> passed;
    for (GstClockTime ms = 0; ms <= 1200; ms += 100)
        if (passes(grey(50), ms * GST_MSECOND))
            passed.push_back(ms);
    EXPECT_EQ(passed, (std::vector<GstClockTime>{0, 500, 1000}));
}

TEST_F(MjpegDetect, LetsNothingThroughWhenMaxIntervalIsZero)
{
    start(kI420, 0, 0);
    passes(grey(50), 0);
    EXPECT_FALSE(passes(grey(50), 3600 * GST_SECOND));
}

TEST_F(MjpegDetect, SaysWhenThePictureStandsStillAndWhenItChanges)
{
    start(kI420, 0, 100);
    passes(grey(50), 0);
    EXPECT_EQ(said(), Words{});
    passes(grey(50), 50 * GST_MSECOND);
    passes(grey(50), 150 * GST_MSECOND); // let through, and yet still
    passes(grey(50), 200 * GST_MSECOND);
    EXPECT_EQ(said(), Words{"frame-still"});
    passes(grey(60), 250 * GST_MSECOND);
    passes(grey(70), 300 * GST_MSECOND);
    EXPECT_EQ(said(), Words{"frame-changed"});
}

TEST_F(MjpegDetect, TellsTheRunningTimeOfTheFrameThatBroughtTheNews)
{
    start(kI420);
    passes(grey(50), 0);
    passes(grey(50), 40 * GST_MSECOND);
    const auto m = Ref<GstMessage>::adopt(gst_bus_pop_filtered(bus_.get(), GST_MESSAGE_ELEMENT));
    ASSERT_TRUE(m);
    guint64 running = 0;
    ASSERT_TRUE(
        gst_structure_get_uint64(gst_message_get_structure(m.get()), "running-time", &running));
    EXPECT_EQ(running, 40 * GST_MSECOND);
}

TEST_F(MjpegDetect, LetsOneMoreThroughWhenThePictureHasSettled)
{
    g_object_set(element_.get(), "settle", 100u, nullptr);
    start(kI420, 0, 0);
    std::vector<GstClockTime> passed;
    for (GstClockTime ms = 0; ms <= 600; ms += 50)
        if (passes(grey(ms < 300 ? 50 : 60), ms * GST_MSECOND))
            passed.push_back(ms);
    EXPECT_EQ(passed, (std::vector<GstClockTime>{0, 100, 300, 400}));
}

TEST_F(MjpegDetect, SaysInTheStreamThatThePictureSettledAndThatItMovesAgain)
{
    g_object_set(element_.get(), "settle", 100u, nullptr);
    start(kI420, 0, 0);
    std::string told; // events and frames in their order
    const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(element_.get(), "src"));
    gst_pad_add_probe(
        pad.get(), GstPadProbeType(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM),
        [](GstPad *, GstPadProbeInfo *info, gpointer p) {
            auto &text = *static_cast<std::string *>(p);
            if (GstEvent *e = GST_PAD_PROBE_INFO_EVENT(info);
                GST_IS_EVENT(e) && GST_EVENT_TYPE(e) == GST_EVENT_CUSTOM_DOWNSTREAM)
                text += std::string{gst_structure_get_name(gst_event_get_structure(e))} + " ";
            else if (GST_IS_BUFFER(GST_PAD_PROBE_INFO_DATA(info)))
                text += "frame ";
            return GST_PAD_PROBE_OK;
        },
        &told, nullptr);
    for (GstClockTime ms = 0; ms <= 300; ms += 50)
        passes(grey(ms < 250 ? 50 : 60), ms * GST_MSECOND);
    EXPECT_EQ(told, "frame frame-settled frame frame-changed frame ");
}

TEST_F(MjpegDetect, MarksWhatItWouldDropWhenToldNotToDrop)
{
    g_object_set(element_.get(), "drop", FALSE, nullptr);
    start(kI420);
    const auto marked = [this](uint8_t level) {
        EXPECT_TRUE(passes(grey(level)));
        return bool(GST_BUFFER_FLAG_IS_SET(last_.get(), GST_BUFFER_FLAG_DROPPABLE));
    };
    EXPECT_FALSE(marked(50));
    EXPECT_TRUE(marked(50));
    EXPECT_TRUE(marked(50));
    EXPECT_FALSE(marked(51));
    EXPECT_TRUE(marked(51));
    EXPECT_EQ(said(), (Words{"frame-still", "frame-changed", "frame-still"}));
}

TEST_F(MjpegDetect, MarksNothingOfAPictureThatChangesSlowly)
{
    g_object_set(element_.get(), "drop", FALSE, nullptr);
    start(kI420, 2);
    unsigned news = 0;
    for (uint8_t level = 50; level < 62; ++level) {
        EXPECT_TRUE(passes(grey(level)));
        news += !GST_BUFFER_FLAG_IS_SET(last_.get(), GST_BUFFER_FLAG_DROPPABLE);
    }
    EXPECT_EQ(news, 4u); // each third is too far from the last one that was not marked
}

TEST_F(MjpegDetect, PassesTheNextFrameWhenAKeyFrameIsAskedFor)
{
    start(kI420);
    passes(grey(50));
    gst_harness_push_upstream_event(
        harness_.get(), gst_video_event_new_upstream_force_key_unit(GST_CLOCK_TIME_NONE, TRUE, 0));
    EXPECT_TRUE(passes(grey(50)));
    EXPECT_FALSE(passes(grey(50)));
}

TEST_F(MjpegDetect, PassesTheNextFrameAfterAFlush)
{
    start(kI420);
    passes(grey(50));
    gst_harness_push_event(harness_.get(), gst_event_new_flush_start());
    gst_harness_push_event(harness_.get(), gst_event_new_flush_stop(TRUE));
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    gst_harness_push_event(harness_.get(), gst_event_new_segment(&segment));
    EXPECT_TRUE(passes(grey(50)));
}

TEST_F(MjpegDetect, PassesTheFirstFrameOfOtherCapsAndTheCaps)
{
    start(kI420);
    passes(grey(50));
    passes(grey(50));
    gst_harness_set_src_caps_str(harness_.get(),
                                 "video/x-raw,format=GRAY8,width=64,height=48,framerate=30/1");
    EXPECT_TRUE(passes(grey(50))); // as many bytes, all the same
    const auto caps = Ref<GstCaps>::adopt(gst_pad_get_current_caps(harness_->sinkpad));
    GstVideoInfo info;
    ASSERT_TRUE(gst_video_info_from_caps(&info, caps.get()));
    EXPECT_EQ(GST_VIDEO_INFO_FORMAT(&info), GST_VIDEO_FORMAT_GRAY8);
    EXPECT_EQ(said(), (Words{"frame-still", "frame-changed"}));
}

TEST_F(MjpegDetect, NeverSwallowsTheEndOfTheStream)
{
    start(kI420);
    passes(grey(50));
    passes(grey(50));
    gst_harness_push_event(harness_.get(), gst_event_new_eos());
    GstEventType last = GST_EVENT_UNKNOWN;
    while (GstEvent *e = gst_harness_try_pull_event(harness_.get())) {
        last = GST_EVENT_TYPE(e);
        gst_event_unref(e);
    }
    EXPECT_EQ(last, GST_EVENT_EOS);
}

TEST_F(MjpegDetect, DoesNotMarkTheFrameAfterADroppedOneAsDiscontinuous)
{
    start(kI420);
    passes(grey(50));
    passes(grey(50));
    ASSERT_TRUE(passes(grey(60)));
    EXPECT_FALSE(GST_BUFFER_IS_DISCONT(last_.get()));
}

TEST_F(MjpegDetect, HandsOnTheVeryBufferItWasGiven)
{
    start(kI420);
    const Bytes frame = grey(50);
    GstBuffer *b = gst_buffer_new_memdup(frame.data(), frame.size());
    ASSERT_TRUE(passes(b));
    EXPECT_EQ(last_.get(), b);
}
