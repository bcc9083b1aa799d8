// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/webrtc/reports.h"

#include <gst/rtp/gstrtcpbuffer.h>

namespace panto::webrtc
{

namespace
{

std::optional<Report> find_block(GstRTCPPacket &packet, uint32_t ssrc)
{
    for (guint n = 0; n < gst_rtcp_packet_get_rb_count(&packet); ++n) {
        guint32 of = 0, jitter = 0;
        guint8 fraction = 0;
        Report report;
        gst_rtcp_packet_get_rb(&packet, n, &of, &fraction, &report.lost, &report.highest, &jitter,
                               &report.last_sr, &report.since_sr);
        if (of == ssrc)
            return report;
    }
    return std::nullopt;
}

/// Calls fn with each packet of a compound one until it gives something.
template <typename T, typename Fn>
std::optional<T> first_of(GstBuffer *rtcp, Fn fn)
{
    GstRTCPBuffer mapped = GST_RTCP_BUFFER_INIT;
    if (gst_buffer_get_size(rtcp) == 0 || !gst_rtcp_buffer_validate_reduced(rtcp) ||
        !gst_rtcp_buffer_map(rtcp, GST_MAP_READ, &mapped))
        return std::nullopt;
    std::optional<T> found;
    GstRTCPPacket packet;
    for (gboolean more = gst_rtcp_buffer_get_first_packet(&mapped, &packet); more && !found;
         more = gst_rtcp_packet_move_to_next(&packet))
        found = fn(packet, gst_rtcp_packet_get_type(&packet));
    gst_rtcp_buffer_unmap(&mapped);
    return found;
}

} // namespace

std::optional<Report> read_report(GstBuffer *rtcp, uint32_t ssrc)
{
    return first_of<Report>(rtcp, [ssrc](GstRTCPPacket &packet, GstRTCPType type) {
        return type == GST_RTCP_TYPE_RR || type == GST_RTCP_TYPE_SR ? find_block(packet, ssrc)
                                                                    : std::nullopt;
    });
}

std::optional<uint32_t> read_sent_report(GstBuffer *rtcp)
{
    return first_of<uint32_t>(
        rtcp, [](GstRTCPPacket &packet, GstRTCPType type) -> std::optional<uint32_t> {
            if (type != GST_RTCP_TYPE_SR)
                return std::nullopt;
            guint32 ssrc = 0, rtp_time = 0, packets = 0, bytes = 0;
            guint64 ntp = 0;
            gst_rtcp_packet_sr_get_sender_info(&packet, &ssrc, &ntp, &rtp_time, &packets, &bytes);
            return uint32_t(ntp >> 16);
        });
}

void RoundTrip::sent(uint32_t middle, Time now)
{
    sent_[next_++ % sent_.size()] = {middle, now};
}

std::optional<std::chrono::microseconds> RoundTrip::reported(const Report &report, Time now) const
{
    if (report.last_sr == 0)
        return std::nullopt;
    for (const Sent &s : sent_) {
        if (s.middle != report.last_sr)
            continue;
        const std::chrono::microseconds held{int64_t(report.since_sr) * 1000000 / 65536};
        const auto took = std::chrono::duration_cast<std::chrono::microseconds>(now - s.at) - held;
        if (took.count() >= 0)
            return took;
    }
    return std::nullopt;
}

} // namespace panto::webrtc
