// SPDX-License-Identifier: LGPL-2.1-or-later
/// Reception: what comes over a webrtcbin's network, told to the sender once a second as browsers
/// do.
///
/// rtpsession (1.22) does not: while there is always something to be sent again it sends nothing
/// but requests for that, and reports without a word about the stream.
#pragma once

#include <atomic>
#include <gst/gst.h>
#include <gst/rtp/gstrtcpbuffer.h>
#include <gst/rtp/gstrtpbuffer.h>
#include <mutex>
#include <set>
#include <thread>

class Reception
{
public:
    /// Counts the packets with these payload types from now on, and reports.
    Reception(GstElement *webrtcbin, std::set<guint8> payloads) : payloads_{std::move(payloads)}
    {
        GstElement *rtpbin = gst_bin_get_by_name(GST_BIN(webrtcbin), "rtpbin");
        GObject *session = nullptr;
        g_signal_emit_by_name(rtpbin, "get-internal-session", 0, &session);
        g_object_get(session, "internal-ssrc", &own_ssrc_, nullptr);
        g_object_unref(session);
        gst_element_foreach_pad(
            rtpbin,
            [](GstElement *, GstPad *pad, gpointer self) -> gboolean {
                static_cast<Reception *>(self)->watch(pad);
                return TRUE;
            },
            this);
        gst_object_unref(rtpbin);
        std::thread{[this] {
            while (true) {
                g_usleep(G_USEC_PER_SEC);
                report();
            }
        }}.detach();
    }

    /// What came since this was asked the last time.
    unsigned take_frames() { return frames_.exchange(0); }
    unsigned take_bytes() { return bytes_.exchange(0); }

private:
    template <void (Reception::*hear)(GstBuffer *)>
    void each(GstPad *pad)
    {
        gst_pad_add_probe(
            pad, GST_PAD_PROBE_TYPE_BUFFER,
            [](GstPad *, GstPadProbeInfo *info, gpointer self) {
                (static_cast<Reception *>(self)->*hear)(GST_PAD_PROBE_INFO_BUFFER(info));
                return GST_PAD_PROBE_OK;
            },
            this, nullptr);
    }

    void watch(GstPad *pad)
    {
        if (g_str_has_prefix(GST_PAD_NAME(pad), "recv_rtp_sink"))
            each<&Reception::packet_came>(pad);
        if (g_str_has_prefix(GST_PAD_NAME(pad), "recv_rtcp_sink"))
            each<&Reception::report_came>(pad);
        if (!g_str_has_prefix(GST_PAD_NAME(pad), "send_rtcp_src"))
            return;
        out_ = GST_PAD(gst_object_ref(pad));
        gst_pad_add_probe(
            pad, GST_PAD_PROBE_TYPE_BUFFER,
            [](GstPad *, GstPadProbeInfo *info, gpointer) {
                return tells_of_streams(GST_PAD_PROBE_INFO_BUFFER(info)) ? GST_PAD_PROBE_DROP
                                                                         : GST_PAD_PROBE_OK;
            },
            nullptr, nullptr);
    }

    void packet_came(GstBuffer *packet)
    {
        GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
        if (!gst_rtp_buffer_map(packet, GST_MAP_READ, &rtp))
            return;
        const bool ours = payloads_.contains(gst_rtp_buffer_get_payload_type(&rtp));
        const guint16 sequence = gst_rtp_buffer_get_seq(&rtp);
        const guint32 ssrc = gst_rtp_buffer_get_ssrc(&rtp);
        const bool ends_picture = gst_rtp_buffer_get_marker(&rtp);
        gst_rtp_buffer_unmap(&rtp);
        bytes_ += unsigned(gst_buffer_get_size(packet));
        if (!ours)
            return; // sent again
        frames_ += ends_picture;
        std::lock_guard lock{mutex_};
        if (received_++ == 0) {
            ssrc_ = ssrc;
            first_ = highest_ = sequence;
        } else if (const auto ahead = gint16(sequence - guint16(highest_)); ahead > 0) {
            highest_ += guint32(ahead);
        }
    }

    void report_came(GstBuffer *buffer)
    {
        GstRTCPBuffer rtcp = GST_RTCP_BUFFER_INIT;
        GstRTCPPacket packet;
        if (!gst_rtcp_buffer_map(buffer, GST_MAP_READ, &rtcp))
            return;
        if (gst_rtcp_buffer_get_first_packet(&rtcp, &packet) &&
            gst_rtcp_packet_get_type(&packet) == GST_RTCP_TYPE_SR) {
            guint64 ntp = 0;
            gst_rtcp_packet_sr_get_sender_info(&packet, nullptr, &ntp, nullptr, nullptr, nullptr);
            std::lock_guard lock{mutex_};
            last_sr_ = guint32(ntp >> 16);
            last_sr_us_ = g_get_monotonic_time();
        }
        gst_rtcp_buffer_unmap(&rtcp);
    }

    /// Whether it has what rtpsession reports now and then, and we ourselves every second.
    static bool tells_of_streams(GstBuffer *buffer)
    {
        if (GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_MARKER))
            return false; // ours
        GstRTCPBuffer rtcp = GST_RTCP_BUFFER_INIT;
        GstRTCPPacket packet;
        if (!gst_rtcp_buffer_map(buffer, GST_MAP_READ, &rtcp))
            return false;
        const bool tells = gst_rtcp_buffer_get_first_packet(&rtcp, &packet) &&
                           gst_rtcp_packet_get_type(&packet) == GST_RTCP_TYPE_RR &&
                           gst_rtcp_packet_get_rb_count(&packet) > 0;
        gst_rtcp_buffer_unmap(&rtcp);
        return tells;
    }

    void report()
    {
        GstBuffer *buffer = gst_rtcp_buffer_new(1200);
        GstRTCPBuffer rtcp = GST_RTCP_BUFFER_INIT;
        GstRTCPPacket packet;
        gst_rtcp_buffer_map(buffer, GST_MAP_READWRITE, &rtcp);
        gst_rtcp_buffer_add_packet(&rtcp, GST_RTCP_TYPE_RR, &packet);
        gst_rtcp_packet_rr_set_ssrc(&packet, own_ssrc_);
        {
            std::lock_guard lock{mutex_};
            const guint32 since = guint32((g_get_monotonic_time() - last_sr_us_) * 65536 / 1000000);
            if (received_ > 0)
                gst_rtcp_packet_add_rb(&packet, ssrc_, 0, gint32(highest_ - first_ + 1 - received_),
                                       highest_, 0, last_sr_, last_sr_ ? since : 0);
        }
        gst_rtcp_buffer_unmap(&rtcp);
        GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_MARKER);
        gst_pad_push(out_, buffer);
    }

    const std::set<guint8> payloads_;
    guint own_ssrc_ = 0;
    GstPad *out_ = nullptr; // both live as long as the process
    std::atomic<unsigned> frames_ = 0, bytes_ = 0;
    std::mutex mutex_;
    guint32 ssrc_ = 0, first_ = 0, highest_ = 0, received_ = 0, last_sr_ = 0;
    gint64 last_sr_us_ = 0;
};
