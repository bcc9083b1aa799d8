// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/webrtc/packet_lists.h"

#include "lib/gst/ref.h"

#include <gst/rtp/gstrtpbuffer.h>
#include <gtest/gtest.h>
#include <vector>

using namespace panto;

namespace
{

constexpr guint kPackets = 14;

GstBufferList *picture()
{
    GstBufferList *packets = gst_buffer_list_new();
    for (guint i = 0; i < kPackets; ++i) {
        GstBuffer *packet = gst_rtp_buffer_new_allocate(100 + i, 0, 0);
        GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
        gst_rtp_buffer_map(packet, GST_MAP_WRITE, &rtp);
        gst_rtp_buffer_set_payload_type(&rtp, 96);
        gst_rtp_buffer_set_seq(&rtp, guint16(1000 + i));
        gst_rtp_buffer_set_ssrc(&rtp, 7);
        gst_rtp_buffer_set_marker(&rtp, i + 1 == kPackets);
        gst_rtp_buffer_unmap(&rtp);
        gst_buffer_list_add(packets, packet);
    }
    return packets;
}

std::vector<guint8> bytes_of(GstBuffer *buffer)
{
    std::vector<guint8> out(gst_buffer_get_size(buffer));
    gst_buffer_extract(buffer, 0, out.data(), out.size());
    return out;
}

/// What came out of the last element.
struct Out {
    unsigned lists = 0, single = 0;
    std::vector<std::vector<guint8>> packets;
};

GstFlowReturn take_one(GstPad *pad, GstObject *, GstBuffer *packet)
{
    Out &out = *static_cast<Out *>(gst_pad_get_element_private(pad));
    ++out.single;
    out.packets.push_back(bytes_of(packet));
    gst_buffer_unref(packet);
    return GST_FLOW_OK;
}

GstFlowReturn take_list(GstPad *pad, GstObject *, GstBufferList *packets)
{
    Out &out = *static_cast<Out *>(gst_pad_get_element_private(pad));
    ++out.lists;
    for (guint i = 0; i < gst_buffer_list_length(packets); ++i)
        out.packets.push_back(bytes_of(gst_buffer_list_get(packets, i)));
    gst_buffer_list_unref(packets);
    return GST_FLOW_OK;
}

/// As webrtcbin has it, and has it set while nobody agreed on any correction: both elements in a
/// bin that comes into another one later.
class PacketListsTest : public testing::Test
{
protected:
    static void SetUpTestSuite() { gst_init(nullptr, nullptr); }

    /// Pushes a picture through both.
    Out pushed(bool together)
    {
        const auto webrtcbin = Ref<GstElement>::sink(gst_bin_new("webrtcbin"));
        if (together)
            webrtc::keep_packets_together(webrtcbin.get());
        GstElement *both = gst_parse_bin_from_description(
            "rtpulpfecenc ! rtpredenc allow-no-red-blocks=false", TRUE, nullptr);
        gst_bin_add(GST_BIN(webrtcbin.get()), both);

        Out out;
        const auto end = Ref<GstPad>::sink(gst_pad_new("end", GST_PAD_SINK));
        gst_pad_set_element_private(end.get(), &out);
        gst_pad_set_chain_function(end.get(), take_one);
        gst_pad_set_chain_list_function(end.get(), take_list);
        gst_pad_set_active(end.get(), TRUE);
        const auto begin = Ref<GstPad>::sink(gst_pad_new("begin", GST_PAD_SRC));
        gst_pad_set_active(begin.get(), TRUE);
        const auto in = Ref<GstPad>::adopt(gst_element_get_static_pad(both, "sink"));
        const auto through = Ref<GstPad>::adopt(gst_element_get_static_pad(both, "src"));
        gst_pad_link(begin.get(), in.get());
        gst_pad_link(through.get(), end.get());
        gst_element_set_state(webrtcbin.get(), GST_STATE_PLAYING);

        gst_pad_push_event(begin.get(), gst_event_new_stream_start("picture"));
        GstCaps *caps = gst_caps_from_string("application/x-rtp,media=video,clock-rate=90000,"
                                             "encoding-name=H264,payload=96");
        gst_pad_push_event(begin.get(), gst_event_new_caps(caps));
        gst_caps_unref(caps);
        GstSegment segment;
        gst_segment_init(&segment, GST_FORMAT_TIME);
        gst_pad_push_event(begin.get(), gst_event_new_segment(&segment));
        EXPECT_EQ(gst_pad_push_list(begin.get(), picture()), GST_FLOW_OK);
        gst_element_set_state(webrtcbin.get(), GST_STATE_NULL);
        gst_pad_set_active(end.get(), FALSE);
        return out;
    }
};

} // namespace

TEST_F(PacketListsTest, AreWhatComesOutOfElementsThatDoNotKnowThem)
{
    const Out out = pushed(true);
    EXPECT_EQ(out.lists, 1u);
    EXPECT_EQ(out.single, 0u);
}

TEST_F(PacketListsTest, HoldTheSamePacketsAsWouldComeOneByOne)
{
    const Out alone = pushed(false), together = pushed(true);
    ASSERT_EQ(alone.single, kPackets) << "this GStreamer needs no help";
    EXPECT_EQ(together.packets, alone.packets);
}
