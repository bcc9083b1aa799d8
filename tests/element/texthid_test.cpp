// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/gst/ref.h"
#include "lib/usbhid/text.h"
#include "lib/virtual/computer.h"

#include <gst/check/gstharness.h>
#include <gst/check/gsttestclock.h>
#include <gtest/gtest.h>
#include <string>
#include <thread>

using namespace panto;

namespace
{

using Reports = std::vector<hid::KeyboardReport>;

struct Teardown {
    void operator()(GstHarness *h) const { gst_harness_teardown(h); }
};

class TextHid : public testing::Test
{
protected:
    void start(const char *layout, unsigned interval_ms)
    {
        element = Ref<GstElement>::sink(gst_element_factory_make("texthid", nullptr));
        g_object_set(element.get(), "layout", layout, "interval", interval_ms, nullptr);
        bus = Ref<GstBus>::adopt(gst_bus_new());
        gst_element_set_bus(element.get(), bus.get());
        harness.reset(gst_harness_new_with_element(element.get(), "sink", "src"));
        gst_harness_set_src_caps_str(harness.get(), "text/x-raw, format=utf8");
    }
    GstFlowReturn push(std::string_view text)
    {
        return gst_harness_push(harness.get(), gst_buffer_new_memdup(text.data(), text.size()));
    }
    /// The reports that are out by now.
    Reports reports()
    {
        Reports out;
        while (GstBuffer *buffer = gst_harness_try_pull(harness.get())) {
            out.emplace_back();
            EXPECT_EQ(gst_buffer_extract(buffer, 0, out.back().data(), hid::kKeyboardSize),
                      hid::kKeyboardSize);
            gst_buffer_unref(buffer);
        }
        return out;
    }
    /// What the last kvm-text message counts; 0 if there is none.
    guint left_out()
    {
        guint count = 0;
        while (const auto m =
                   Ref<GstMessage>::adopt(gst_bus_pop_filtered(bus.get(), GST_MESSAGE_ELEMENT))) {
            const GstStructure *fields = gst_message_get_structure(m.get());
            EXPECT_STREQ(gst_structure_get_name(fields), "kvm-text");
            EXPECT_EQ(gst_structure_n_fields(fields), 1) << "nothing of the text itself";
            gst_structure_get_uint(fields, "left-out", &count);
        }
        return count;
    }

    Ref<GstElement> element;
    Ref<GstBus> bus;
    std::unique_ptr<GstHarness, Teardown> harness;
};

} // namespace

TEST_F(TextHid, TypesText)
{
    start("us", 0);
    ASSERT_EQ(push("Hi, you!\n"), GST_FLOW_OK);
    EXPECT_EQ(reports(), hid::type_text(*hid::find_layout("us"), "Hi, you!\n").reports);
    EXPECT_EQ(left_out(), 0u);
}

TEST_F(TextHid, TypesOnTheLayoutAskedFor)
{
    start("de", 0);
    ASSERT_EQ(push("zé^"), GST_FLOW_OK);
    EXPECT_EQ(reports(), hid::type_text(*hid::find_layout("de"), "zé^").reports);
}

TEST_F(TextHid, TakesAnotherLayoutWhilePlaying)
{
    start("us", 0);
    ASSERT_EQ(push("z"), GST_FLOW_OK);
    g_object_set(element.get(), "layout", "de", nullptr);
    ASSERT_EQ(push("z"), GST_FLOW_OK);
    const Reports got = reports();
    ASSERT_EQ(got.size(), 4u);
    EXPECT_EQ(got[0][2], 0x1d);
    EXPECT_EQ(got[2][2], 0x1c);
}

TEST_F(TextHid, ACharacterMayBeCutAcrossBuffers)
{
    start("de", 0);
    ASSERT_EQ(push("\xc3"), GST_FLOW_OK);
    EXPECT_TRUE(reports().empty());
    ASSERT_EQ(push("\xa4"), GST_FLOW_OK);
    EXPECT_EQ(reports(), (Reports{{0, 0, 52}, {}}));
    EXPECT_EQ(left_out(), 0u);
}

TEST_F(TextHid, CountsWhatItCannotType)
{
    start("us", 0);
    ASSERT_EQ(push("a\u00e9\u4e2d"), GST_FLOW_OK);
    EXPECT_EQ(left_out(), 2u);
    ASSERT_EQ(push("\xff"), GST_FLOW_OK);
    EXPECT_EQ(left_out(), 3u);
    ASSERT_EQ(push("b\xe2\x82"), GST_FLOW_OK);
    EXPECT_EQ(left_out(), 0u) << "the rest may yet come";
    gst_harness_push_event(harness.get(), gst_event_new_eos());
    EXPECT_EQ(left_out(), 4u);
    EXPECT_EQ(reports().size(), 4u);
}

TEST_F(TextHid, OffersKeyboardReports)
{
    start("us", 0);
    push("a");
    GstCaps *caps = gst_pad_get_current_caps(harness->sinkpad);
    ASSERT_TRUE(caps);
    EXPECT_STREQ(gst_structure_get_name(gst_caps_get_structure(caps, 0)),
                 "application/x-hid-report");
    gst_caps_unref(caps);
}

TEST_F(TextHid, KeepsItsPace)
{
    start("us", 30);
    gst_harness_use_testclock(harness.get());
    std::thread typist{[&] { EXPECT_EQ(push("abc"), GST_FLOW_OK); }};
    for (int i = 0; i < 5; ++i) // the first report goes at once, the other five wait
        ASSERT_TRUE(gst_harness_crank_single_clock_wait(harness.get()));
    typist.join();
    std::vector<GstClockTime> times;
    while (GstBuffer *buffer = gst_harness_try_pull(harness.get())) {
        times.push_back(GST_BUFFER_PTS(buffer) / GST_MSECOND);
        gst_buffer_unref(buffer);
    }
    EXPECT_EQ(times, (std::vector<GstClockTime>{0, 15, 30, 45, 60, 75}));
}

TEST_F(TextHid, KeepsItsPaceAcrossBuffers)
{
    start("us", 30);
    gst_harness_use_testclock(harness.get());
    std::thread typist{[&] {
        EXPECT_EQ(push("a"), GST_FLOW_OK);
        EXPECT_EQ(push("b"), GST_FLOW_OK);
    }};
    for (int i = 0; i < 3; ++i)
        ASSERT_TRUE(gst_harness_crank_single_clock_wait(harness.get()));
    typist.join();
    auto *clock = gst_harness_get_testclock(harness.get());
    EXPECT_EQ(gst_clock_get_time(GST_CLOCK(clock)), 45 * GST_MSECOND);
    gst_object_unref(clock);
}

TEST_F(TextHid, DoesNotWaitAfterAPause)
{
    start("us", 30);
    gst_harness_use_testclock(harness.get());
    std::thread typist{[&] { EXPECT_EQ(push("a"), GST_FLOW_OK); }};
    ASSERT_TRUE(gst_harness_crank_single_clock_wait(harness.get()));
    typist.join();
    gst_harness_set_time(harness.get(), GST_SECOND);
    std::thread again{[&] { EXPECT_EQ(push("b"), GST_FLOW_OK); }};
    ASSERT_TRUE(gst_harness_crank_single_clock_wait(harness.get())); // only for the release
    again.join();
    EXPECT_EQ(reports().size(), 4u);
}

TEST_F(TextHid, AFlushEndsItsWaitAndTheNextTextBeginsWithAllKeysUp)
{
    start("us", 30);
    gst_harness_use_testclock(harness.get());
    GstFlowReturn flow = GST_FLOW_OK;
    std::thread typist{[&] { flow = push("abc"); }};
    ASSERT_TRUE(gst_harness_wait_for_clock_id_waits(harness.get(), 1, 10)); // to release the a
    EXPECT_EQ(reports(), (Reports{{0, 0, 4}}));
    gst_harness_push_event(harness.get(), gst_event_new_flush_start());
    typist.join();
    EXPECT_EQ(flow, GST_FLOW_FLUSHING);
    gst_harness_push_event(harness.get(), gst_event_new_flush_stop(TRUE));
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_BYTES);
    gst_harness_push_event(harness.get(), gst_event_new_segment(&segment));
    g_object_set(element.get(), "interval", 0u, nullptr);
    EXPECT_EQ(push("x"), GST_FLOW_OK);
    EXPECT_EQ(reports(), (Reports{{}, {0, 0, 0x1b}, {}}));
}

TEST_F(TextHid, AStateChangeEndsItsWait)
{
    start("us", 10000);
    gst_harness_use_testclock(harness.get());
    GstFlowReturn flow = GST_FLOW_OK;
    std::thread typist{[&] { flow = push("abc"); }};
    ASSERT_TRUE(gst_harness_wait_for_clock_id_waits(harness.get(), 1, 10));
    EXPECT_EQ(gst_element_set_state(element.get(), GST_STATE_NULL), GST_STATE_CHANGE_SUCCESS);
    typist.join();
    EXPECT_EQ(flow, GST_FLOW_FLUSHING);
}

TEST_F(TextHid, DoesNotStartWithoutAKnownLayout)
{
    element = Ref<GstElement>::sink(gst_element_factory_make("texthid", nullptr));
    bus = Ref<GstBus>::adopt(gst_bus_new());
    gst_element_set_bus(element.get(), bus.get());
    g_object_set(element.get(), "layout", "tlh", nullptr);
    EXPECT_EQ(gst_element_set_state(element.get(), GST_STATE_PAUSED), GST_STATE_CHANGE_FAILURE);
    const auto m = Ref<GstMessage>::adopt(gst_bus_pop_filtered(bus.get(), GST_MESSAGE_ERROR));
    ASSERT_TRUE(m);
    GError *error = nullptr;
    gst_message_parse_error(m.get(), &error, nullptr);
    EXPECT_TRUE(g_error_matches(error, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS));
    g_error_free(error);
    gst_element_set_state(element.get(), GST_STATE_NULL);
}

TEST_F(TextHid, StopsWithAnErrorAtAnUnknownLayoutWhilePlaying)
{
    start("us", 0);
    g_object_set(element.get(), "layout", "tlh", nullptr);
    EXPECT_EQ(push("a"), GST_FLOW_ERROR);
    EXPECT_TRUE(reports().empty());
}

TEST_F(TextHid, TypesOnTheVirtualComputerThroughHidsink)
{
    GError *error = nullptr;
    auto pipeline = Ref<GstElement>::sink(
        gst_parse_launch("appsrc name=text ! texthid interval=2 ! hidsink device=virtual", &error));
    ASSERT_TRUE(pipeline) << error->message;
    auto text = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "text"));
    ASSERT_NE(gst_element_set_state(pipeline.get(), GST_STATE_PLAYING), GST_STATE_CHANGE_FAILURE);
    GstFlowReturn flow = GST_FLOW_ERROR;
    GstBuffer *buffer = gst_buffer_new_memdup("Hello", 5);
    g_signal_emit_by_name(text.get(), "push-buffer", buffer, &flow);
    gst_buffer_unref(buffer);
    g_signal_emit_by_name(text.get(), "end-of-stream", &flow);
    const auto own = Ref<GstBus>::adopt(gst_element_get_bus(pipeline.get()));
    const auto m = Ref<GstMessage>::adopt(gst_bus_timed_pop_filtered(
        own.get(), 10 * GST_SECOND, GstMessageType(GST_MESSAGE_EOS | GST_MESSAGE_ERROR)));
    ASSERT_TRUE(m);
    EXPECT_EQ(GST_MESSAGE_TYPE(m.get()), GST_MESSAGE_EOS);
    EXPECT_TRUE(VirtualComputer::shared().text().ends_with("$ Hello"));
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
}
