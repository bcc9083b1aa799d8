// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/webrtc/reports.h"
#include "lib/gst/ref.h"

#include <gst/rtp/gstrtcpbuffer.h>
#include <gtest/gtest.h>
#include <vector>

using namespace panto;
using namespace panto::webrtc;
using namespace std::chrono_literals;

namespace
{

constexpr uint32_t kOurs = 77, kSound = 78;

class ReportsTest : public testing::Test
{
protected:
    static void SetUpTestSuite() { gst_init(nullptr, nullptr); }

    /// A report with a block about each of the streams.
    static Ref<GstBuffer> packet(GstRTCPType type, const std::vector<uint32_t> &about)
    {
        auto buffer = Ref<GstBuffer>::adopt(gst_rtcp_buffer_new(1400));
        GstRTCPBuffer mapped = GST_RTCP_BUFFER_INIT;
        gst_rtcp_buffer_map(buffer.get(), GST_MAP_READWRITE, &mapped);
        GstRTCPPacket packet;
        gst_rtcp_buffer_add_packet(&mapped, type, &packet);
        if (type == GST_RTCP_TYPE_SR)
            gst_rtcp_packet_sr_set_sender_info(&packet, 5, 0x1234567890abcdef, 0, 0, 0);
        else if (type == GST_RTCP_TYPE_RR)
            gst_rtcp_packet_rr_set_ssrc(&packet, 5);
        for (const uint32_t ssrc : about)
            gst_rtcp_packet_add_rb(&packet, ssrc, 64, int(ssrc) - 70, ssrc + 4000, 3, 99, 32768);
        gst_rtcp_buffer_unmap(&mapped);
        return buffer;
    }
};

} // namespace

TEST_F(ReportsTest, ReadsWhatIsSaidOfOurStream)
{
    for (const GstRTCPType type : {GST_RTCP_TYPE_RR, GST_RTCP_TYPE_SR}) {
        const auto report = read_report(packet(type, {kSound, kOurs}).get(), kOurs);
        ASSERT_TRUE(report);
        EXPECT_EQ(report->highest, 4077u);
        EXPECT_EQ(report->lost, 7);
        EXPECT_EQ(report->last_sr, 99u);
        EXPECT_EQ(report->since_sr, 32768u);
    }
}

TEST_F(ReportsTest, PassesOverWhatSaysNothingOfOurStream)
{
    EXPECT_FALSE(read_report(packet(GST_RTCP_TYPE_RR, {kSound}).get(), kOurs));
    EXPECT_FALSE(read_report(packet(GST_RTCP_TYPE_RR, {}).get(), kOurs));
}

TEST_F(ReportsTest, PassesOverWhatIsNoRtcp)
{
    for (const size_t size : {0u, 1u, 7u, 64u}) {
        const auto buffer = Ref<GstBuffer>::adopt(gst_buffer_new_allocate(nullptr, size, nullptr));
        gst_buffer_memset(buffer.get(), 0, 0xc9, size);
        EXPECT_FALSE(read_report(buffer.get(), kOurs)) << size;
        EXPECT_FALSE(read_sent_report(buffer.get())) << size;
    }
}

TEST_F(ReportsTest, ReadsTheTimeInOurOwnReports)
{
    EXPECT_EQ(read_sent_report(packet(GST_RTCP_TYPE_SR, {}).get()), 0x567890abu);
    EXPECT_FALSE(read_sent_report(packet(GST_RTCP_TYPE_RR, {}).get()));
}

TEST(RoundTripTest, IsWhatPassedWithoutThePeersOwnDelay)
{
    RoundTrip trip;
    const Time start{};
    trip.sent(1, start);
    trip.sent(2, start + 1s);
    EXPECT_EQ(trip.reported({.last_sr = 1, .since_sr = 65536}, start + 1040ms), 40ms);
    EXPECT_EQ(trip.reported({.last_sr = 2, .since_sr = 32768}, start + 1540ms), 40ms);
}

TEST(RoundTripTest, IsNotKnownByAReportThatWasNotOurs)
{
    RoundTrip trip;
    const Time start{};
    EXPECT_FALSE(trip.reported({}, start)) << "none has arrived yet";
    trip.sent(1, start);
    EXPECT_FALSE(trip.reported({.last_sr = 7}, start + 1s));
    for (uint32_t middle = 2; middle < 20; ++middle)
        trip.sent(middle, start);
    EXPECT_FALSE(trip.reported({.last_sr = 1}, start + 1s)) << "too old";
}

TEST(RoundTripTest, IsNotKnownByAPeerThatClaimsTheImpossible)
{
    RoundTrip trip;
    trip.sent(1, Time{});
    EXPECT_FALSE(trip.reported({.last_sr = 1, .since_sr = 0xffffffff}, Time{} + 1s));
}
