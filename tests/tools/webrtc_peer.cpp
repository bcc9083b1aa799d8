// SPDX-License-Identifier: LGPL-2.1-or-later
/// webrtc-peer: the watching end of a WebRTC session, without a way to say so: it offers, takes an
/// answer, and tells what happens then.
///
/// It prints   "offer BASE64", "connected", "frame" at the first one, a line each
/// It takes    on standard input: the answer in base64, one line; the end of the input ends it
///
/// Errors   exit status 1 when it has no WebRTC, or is handed what is no answer
#define GST_USE_UNSTABLE_API
#include <cstdio>
#include <gst/gst.h>
#include <gst/webrtc/webrtc.h>
#include <iostream>
#include <string>
#include <utility>

namespace
{

constexpr char kVideo[] = "application/x-rtp,media=video,encoding-name=H264,clock-rate=90000,"
                          "payload=106,packetization-mode=(string)1,"
                          "profile-level-id=(string)42e01f,rtcp-fb-nack-pli=true";

void say(const std::string &line)
{
    std::printf("%s\n", line.c_str());
    std::fflush(stdout);
}

void set_description(GstElement *peer, const char *which, GstWebRTCSessionDescription *description)
{
    GstPromise *done = gst_promise_new();
    g_signal_emit_by_name(peer, which, description, done);
    gst_promise_wait(done);
    gst_promise_unref(done);
    gst_webrtc_session_description_free(description);
}

void offer(GstElement *peer)
{
    GstPromise *made = gst_promise_new();
    g_signal_emit_by_name(peer, "create-offer", nullptr, made);
    gst_promise_wait(made);
    GstWebRTCSessionDescription *description = nullptr;
    gst_structure_get(gst_promise_get_reply(made), "offer", GST_TYPE_WEBRTC_SESSION_DESCRIPTION,
                      &description, nullptr);
    gst_promise_unref(made);
    set_description(peer, "set-local-description", description);
}

/// Says the offer once all candidates are in it.
void gathering_changed(GstElement *peer)
{
    GstWebRTCICEGatheringState state;
    GstWebRTCSessionDescription *description = nullptr;
    g_object_get(peer, "ice-gathering-state", &state, nullptr);
    if (state != GST_WEBRTC_ICE_GATHERING_STATE_COMPLETE)
        return;
    g_object_get(peer, "local-description", &description, nullptr);
    g_autofree char *text = gst_sdp_message_as_text(description->sdp);
    gst_webrtc_session_description_free(description);
    g_autofree char *coded = g_base64_encode(reinterpret_cast<guchar *>(text), strlen(text));
    say(std::string{"offer "} + coded);
}

void connection_changed(GstElement *peer)
{
    GstWebRTCPeerConnectionState state;
    g_object_get(peer, "connection-state", &state, nullptr);
    if (state == GST_WEBRTC_PEER_CONNECTION_STATE_CONNECTED)
        say("connected");
}

void count_frames(GstElement *peer, GstPad *pad, GstElement *pipeline)
{
    if (GST_PAD_DIRECTION(pad) != GST_PAD_SRC)
        return;
    GstElement *sink = gst_element_factory_make("fakesink", nullptr);
    g_object_set(sink, "sync", FALSE, "async", FALSE, "signal-handoffs", TRUE, nullptr);
    g_signal_connect(sink, "handoff", G_CALLBACK(+[](GstElement *, GstBuffer *, GstPad *) {
                         static bool said = false;
                         if (!std::exchange(said, true))
                             say("frame");
                     }),
                     nullptr);
    gst_bin_add(GST_BIN(pipeline), sink);
    gst_element_sync_state_with_parent(sink);
    gst_element_link(peer, sink);
}

bool take_answer(GstElement *peer, const std::string &line)
{
    gsize size = 0;
    g_autofree guchar *text = g_base64_decode(line.c_str(), &size);
    GstSDPMessage *message = nullptr;
    gst_sdp_message_new(&message);
    if (gst_sdp_message_parse_buffer(text, guint(size), message) != GST_SDP_OK)
        return false;
    set_description(peer, "set-remote-description",
                    gst_webrtc_session_description_new(GST_WEBRTC_SDP_TYPE_ANSWER, message));
    return true;
}

} // namespace

int main(int argc, char **argv)
{
    gst_init(&argc, &argv);
    GstElement *peer = gst_element_factory_make("webrtcbin", nullptr);
    if (!peer)
        return 1;
    GstElement *pipeline = gst_pipeline_new(nullptr);
    g_object_set(peer, "bundle-policy", GST_WEBRTC_BUNDLE_POLICY_MAX_BUNDLE, nullptr);
    gst_bin_add(GST_BIN(pipeline), peer);
    g_signal_connect(peer, "notify::ice-gathering-state", G_CALLBACK(gathering_changed), nullptr);
    g_signal_connect(peer, "notify::connection-state", G_CALLBACK(connection_changed), nullptr);
    g_signal_connect(peer, "pad-added", G_CALLBACK(count_frames), pipeline);
    gst_element_set_state(pipeline, GST_STATE_PLAYING);

    GObject *agent = nullptr;
    gboolean added = FALSE;
    g_object_get(peer, "ice-agent", &agent, nullptr);
    g_signal_emit_by_name(agent, "add-local-ip-address", "127.0.0.1", &added);
    GstWebRTCRTPTransceiver *video = nullptr;
    GstCaps *caps = gst_caps_from_string(kVideo);
    g_signal_emit_by_name(peer, "add-transceiver", GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_RECVONLY,
                          caps, &video);
    GObject *channel = nullptr;
    g_signal_emit_by_name(peer, "create-data-channel", "control", nullptr, &channel);
    offer(peer);

    std::string line;
    if (!std::getline(std::cin, line) || !take_answer(peer, line))
        return 1;
    while (std::getline(std::cin, line))
        ;
    gst_element_set_state(pipeline, GST_STATE_NULL);
    return 0;
}
