// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/gst/ref.h"

#include <gst/check/gstharness.h>
#include <gst/rtp/rtp.h>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <string>
#include <vector>

using panto::Ref;

namespace
{

constexpr char kPlayoutDelay[] = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay";
constexpr char kCaptureTime[] = "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time";
constexpr guint kId = 5;

struct Teardown {
    void operator()(GstHarness *h) const { gst_harness_teardown(h); }
};
using Harness = std::unique_ptr<GstHarness, Teardown>;

Ref<GstElement> extension(const char *factory)
{
    auto e = Ref<GstElement>::sink(gst_element_factory_make(factory, nullptr));
    gst_rtp_header_extension_set_id(GST_RTP_HEADER_EXTENSION(e.get()), kId);
    return e;
}

/// A raw video payloader that carries one extension; 64x16 makes two packets with this mtu.
Harness payloader(GstElement *extension)
{
    Harness h{gst_harness_new("rtpvrawpay")};
    g_object_set(h->element, "mtu", 1200u, nullptr);
    g_signal_emit_by_name(h->element, "add-extension", extension);
    gst_harness_set_src_caps_str(h.get(), "video/x-raw,format=I420,width=64,height=16,"
                                          "framerate=30/1,colorimetry=bt709");
    return h;
}

Ref<GstBuffer> frame(GstClockTime pts)
{
    GstBuffer *b = gst_buffer_new_allocate(nullptr, 64 * 16 * 3 / 2, nullptr);
    gst_buffer_memset(b, 0, 16, 64 * 16 * 3 / 2);
    GST_BUFFER_PTS(b) = pts;
    return Ref<GstBuffer>::adopt(b);
}

void stamp(GstBuffer *buffer, GstClockTime unix_time)
{
    const auto caps = Ref<GstCaps>::adopt(gst_caps_new_empty_simple("timestamp/x-unix"));
    gst_buffer_add_reference_timestamp_meta(buffer, caps.get(), unix_time, GST_CLOCK_TIME_NONE);
}

std::vector<Ref<GstBuffer>> pull_all(GstHarness *h)
{
    std::vector<Ref<GstBuffer>> packets;
    while (GstBuffer *b = gst_harness_try_pull(h))
        packets.push_back(Ref<GstBuffer>::adopt(b));
    return packets;
}

/// The bytes of our extension in one packet; nothing when it has none.
std::optional<std::vector<guint8>> payload(GstBuffer *packet)
{
    GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
    EXPECT_TRUE(gst_rtp_buffer_map(packet, GST_MAP_READ, &rtp));
    gpointer data = nullptr;
    guint size = 0;
    std::optional<std::vector<guint8>> found;
    if (gst_rtp_buffer_get_extension_onebyte_header(&rtp, kId, 0, &data, &size) ||
        gst_rtp_buffer_get_extension_twobytes_header(&rtp, nullptr, kId, 0, &data, &size))
        found.emplace(static_cast<guint8 *>(data), static_cast<guint8 *>(data) + size);
    gst_rtp_buffer_unmap(&rtp);
    return found;
}

guint64 ntp(const std::vector<guint8> &bytes)
{
    return bytes.size() == 8 ? GST_READ_UINT64_BE(bytes.data()) : 0;
}

guint64 ntp_of_unix(double seconds)
{
    return guint64((seconds + 2208988800.0) * 4294967296.0);
}

/// Sends one frame through a payloader with `extension` to a depayloader that makes its own, or
/// has `receiver`.
Ref<GstBuffer> round_trip(GstElement *extension, Ref<GstBuffer> in, GstElement *receiver = nullptr)
{
    auto pay = payloader(extension);
    gst_harness_push(pay.get(), in.give());
    const auto packets = pull_all(pay.get());
    Harness depay{gst_harness_new("rtpvrawdepay")};
    if (receiver)
        g_signal_emit_by_name(depay->element, "add-extension", receiver);
    gst_harness_set_src_caps(depay.get(), gst_pad_get_current_caps(pay->sinkpad));
    for (const auto &p : packets)
        gst_harness_push(depay.get(), gst_buffer_ref(p.get()));
    return Ref<GstBuffer>::adopt(gst_harness_try_pull(depay.get()));
}

} // namespace

TEST(RtpPlayoutDelay, WritesTwelveBitsOfTenMillisecondsEach)
{
    const auto e = extension("rtphdrextplayoutdelay");
    g_object_set(e.get(), "min-delay", 50u, "max-delay", 40950u, nullptr);
    auto h = payloader(e.get());
    ASSERT_EQ(gst_harness_push(h.get(), frame(0).give()), GST_FLOW_OK);
    for (const auto &packet : pull_all(h.get()))
        EXPECT_EQ(payload(packet.get()), (std::vector<guint8>{0x00, 0x5f, 0xff}));
}

TEST(RtpPlayoutDelay, IsOnEveryPacketOfAFrame)
{
    auto h = payloader(extension("rtphdrextplayoutdelay").get());
    ASSERT_EQ(gst_harness_push(h.get(), frame(0).give()), GST_FLOW_OK);
    const auto packets = pull_all(h.get());
    EXPECT_GE(packets.size(), 2u);
    for (const auto &packet : packets)
        EXPECT_EQ(payload(packet.get()), (std::vector<guint8>{0, 0, 0}));
}

TEST(RtpPlayoutDelay, NeverAsksForAMaximumBelowTheMinimum)
{
    const auto e = extension("rtphdrextplayoutdelay");
    g_object_set(e.get(), "min-delay", 100u, nullptr);
    auto h = payloader(e.get());
    ASSERT_EQ(gst_harness_push(h.get(), frame(0).give()), GST_FLOW_OK);
    EXPECT_EQ(payload(pull_all(h.get()).at(0).get()), (std::vector<guint8>{0x00, 0xa0, 0x0a}));
}

TEST(RtpPlayoutDelay, ChangesWhilePlaying)
{
    const auto e = extension("rtphdrextplayoutdelay");
    auto h = payloader(e.get());
    gst_harness_push(h.get(), frame(0).give());
    pull_all(h.get());
    g_object_set(e.get(), "max-delay", 10u, nullptr);
    gst_harness_push(h.get(), frame(GST_SECOND / 30).give());
    EXPECT_EQ(payload(pull_all(h.get()).at(0).get()), (std::vector<guint8>{0, 0, 1}));
}

TEST(RtpPlayoutDelay, IsNamedInThePayloadersCaps)
{
    auto h = payloader(extension("rtphdrextplayoutdelay").get());
    gst_harness_push(h.get(), frame(0).give());
    const auto caps = Ref<GstCaps>::adopt(gst_pad_get_current_caps(h->sinkpad));
    EXPECT_STREQ(gst_structure_get_string(gst_caps_get_structure(caps.get(), 0), "extmap-5"),
                 kPlayoutDelay);
}

TEST(RtpPlayoutDelay, ShowsBehindADepayloaderWhatThePeerAsksFor)
{
    const auto e = extension("rtphdrextplayoutdelay");
    const auto receiver = extension("rtphdrextplayoutdelay");
    g_object_set(e.get(), "min-delay", 20u, "max-delay", 300u, nullptr);
    ASSERT_TRUE(round_trip(e.get(), frame(0), receiver.get()));
    guint min = 0, max = 0;
    g_object_get(receiver.get(), "min-delay", &min, "max-delay", &max, nullptr);
    EXPECT_EQ(min, 20u);
    EXPECT_EQ(max, 300u);
}

TEST(RtpPlayoutDelay, IgnoresAnExtensionOfAnotherLength)
{
    const auto e = extension("rtphdrextplayoutdelay");
    g_object_set(e.get(), "min-delay", 20u, nullptr);
    const guint8 two[] = {0xff, 0xff};
    const auto b = frame(0);
    EXPECT_TRUE(gst_rtp_header_extension_read(GST_RTP_HEADER_EXTENSION(e.get()),
                                              GST_RTP_HEADER_EXTENSION_ONE_BYTE, two, 2, b.get()));
    guint min = 0;
    g_object_get(e.get(), "min-delay", &min, nullptr);
    EXPECT_EQ(min, 20u);
}

TEST(RtpAbsCaptureTime, SendsTheFramesOwnCaptureTimeAsNtp)
{
    auto h = payloader(extension("rtphdrextabscapturetime").get());
    auto b = frame(0);
    stamp(b.get(), GST_SECOND + GST_SECOND / 2); // 1.5 s after 1970
    ASSERT_EQ(gst_harness_push(h.get(), b.give()), GST_FLOW_OK);
    for (const auto &packet : pull_all(h.get())) {
        const auto bytes = payload(packet.get());
        ASSERT_TRUE(bytes);
        EXPECT_EQ(ntp(*bytes), guint64(2208988801u) << 32 | 0x80000000u);
    }
}

TEST(RtpAbsCaptureTime, IsMadeByADepayloaderAndGivesTheFrameItsCaptureTimeBack)
{
    const GstClockTime captured = 1794000000123456789;
    auto b = frame(0);
    stamp(b.get(), captured);
    const auto out = round_trip(extension("rtphdrextabscapturetime").get(), std::move(b));
    ASSERT_TRUE(out);
    auto *meta = gst_buffer_get_reference_timestamp_meta(out.get(), nullptr);
    ASSERT_NE(meta, nullptr);
    EXPECT_TRUE(
        gst_structure_has_name(gst_caps_get_structure(meta->reference, 0), "timestamp/x-unix"));
    EXPECT_EQ(meta->timestamp, captured);
}

TEST(RtpAbsCaptureTime, SurvivesTheYear2036WhenNtpSecondsWrap)
{
    const GstClockTime captured = guint64(2200000000) * GST_SECOND + 7;
    auto b = frame(0);
    stamp(b.get(), captured);
    const auto out = round_trip(extension("rtphdrextabscapturetime").get(), std::move(b));
    ASSERT_TRUE(out);
    EXPECT_EQ(gst_buffer_get_reference_timestamp_meta(out.get(), nullptr)->timestamp, captured);
}

TEST(RtpAbsCaptureTime, UsesTheClockAndBaseTimeItWasGiven)
{
    const auto e = extension("rtphdrextabscapturetime");
    const auto clock = Ref<GstClock>::adopt(gst_system_clock_obtain());
    gst_element_set_clock(e.get(), clock.get());
    // The frame was captured ten seconds ago by that clock.
    const double before = double(g_get_real_time()) / 1e6 - 10;
    gst_element_set_base_time(e.get(), gst_clock_get_time(clock.get()) - 11 * GST_SECOND);
    const double after = double(g_get_real_time()) / 1e6 - 10;
    auto h = payloader(e.get());
    gst_harness_push(h.get(), frame(GST_SECOND).give());
    const auto bytes = payload(pull_all(h.get()).at(0).get());
    ASSERT_TRUE(bytes);
    EXPECT_GE(ntp(*bytes), ntp_of_unix(before - 1e-3));
    EXPECT_LE(ntp(*bytes), ntp_of_unix(after + 1e-3));
}

TEST(RtpAbsCaptureTime, WithoutAClockKeepsTheDistanceBetweenFrames)
{
    auto h = payloader(extension("rtphdrextabscapturetime").get());
    gst_harness_push(h.get(), frame(GST_SECOND).give());
    const auto first = payload(pull_all(h.get()).at(0).get());
    gst_harness_push(h.get(), frame(GST_SECOND / 2).give()); // half a second earlier, seen later
    const auto second = payload(pull_all(h.get()).at(0).get());
    ASSERT_TRUE(first && second);
    EXPECT_NEAR(double(ntp(*first)), double(ntp_of_unix(double(g_get_real_time()) / 1e6)), 4e10);
    EXPECT_NEAR(double(ntp(*first) - ntp(*second)), 4294967296.0 / 2, 16);
}

TEST(RtpAbsCaptureTime, SendsNothingWhenTheFrameHasNoTime)
{
    auto h = payloader(extension("rtphdrextabscapturetime").get());
    ASSERT_EQ(gst_harness_push(h.get(), frame(GST_CLOCK_TIME_NONE).give()), GST_FLOW_OK);
    const auto packets = pull_all(h.get());
    ASSERT_FALSE(packets.empty());
    EXPECT_FALSE(payload(packets[0].get()));
}

TEST(RtpAbsCaptureTime, LeavesOutFramesWithinTheInterval)
{
    const auto e = extension("rtphdrextabscapturetime");
    g_object_set(e.get(), "interval", 1000u, nullptr);
    auto h = payloader(e.get());
    std::vector<bool> stamped;
    for (const GstClockTime ms : {0, 500, 999, 1000}) {
        auto b = frame(ms * GST_MSECOND);
        stamp(b.get(), GST_SECOND);
        gst_harness_push(h.get(), b.give());
        stamped.push_back(payload(pull_all(h.get()).at(0).get()).has_value());
    }
    EXPECT_EQ(stamped, (std::vector<bool>{true, false, false, true}));
}

TEST(RtpAbsCaptureTime, IsMadeByAPayloaderWhoseCapsNameIt)
{
    Harness h{gst_harness_new("rtpvrawpay")};
    const std::string caps = std::string{"application/x-rtp,extmap-5=(string)"} + kCaptureTime;
    gst_harness_set_sink_caps_str(h.get(), caps.c_str());
    gst_harness_set_src_caps_str(h.get(), "video/x-raw,format=I420,width=64,height=16,"
                                          "framerate=30/1,colorimetry=bt709");
    auto b = frame(0);
    stamp(b.get(), GST_SECOND);
    gst_harness_push(h.get(), b.give());
    EXPECT_TRUE(payload(pull_all(h.get()).at(0).get()));
}

TEST(RtpHeaderExtensions, RideTogetherOnH264)
{
    const auto delay = extension("rtphdrextplayoutdelay");
    const auto time = extension("rtphdrextabscapturetime");
    gst_rtp_header_extension_set_id(GST_RTP_HEADER_EXTENSION(time.get()), 6);
    Harness h{gst_harness_new("rtph264pay")};
    g_signal_emit_by_name(h->element, "add-extension", delay.get());
    g_signal_emit_by_name(h->element, "add-extension", time.get());
    gst_harness_set_src_caps_str(h.get(), "video/x-h264,stream-format=byte-stream,alignment=au");
    const guint8 idr[] = {0, 0, 0, 1, 0x65, 0x88, 0x84, 0x00, 0x33};
    auto b = Ref<GstBuffer>::adopt(gst_buffer_new_memdup(idr, sizeof idr));
    GST_BUFFER_PTS(b.get()) = 0;
    stamp(b.get(), GST_SECOND);
    ASSERT_EQ(gst_harness_push(h.get(), b.give()), GST_FLOW_OK);
    gst_harness_push_event(h.get(), gst_event_new_eos());
    const auto packets = pull_all(h.get());
    ASSERT_FALSE(packets.empty());
    EXPECT_EQ(payload(packets[0].get()), (std::vector<guint8>{0, 0, 0}));
    GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
    ASSERT_TRUE(gst_rtp_buffer_map(packets[0].get(), GST_MAP_READ, &rtp));
    gpointer data = nullptr;
    guint size = 0;
    EXPECT_TRUE(gst_rtp_buffer_get_extension_onebyte_header(&rtp, 6, 0, &data, &size));
    EXPECT_EQ(size, 8u);
    gst_rtp_buffer_unmap(&rtp);
}
