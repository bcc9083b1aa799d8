// SPDX-License-Identifier: LGPL-2.1-or-later
/// webrtc-peer: the watching end of a WebRTC session, without a way to say so: it offers, takes an
/// answer, and tells what happens then.
///
/// It prints   a line each: "offer BASE64", "connected", "codec NAME" when video begins to come,
///             "frame" at the first packet, "told BASE64"
///             for each text that comes over the data channel, "second FRAMES KBIT" for each
///             second: how many pictures came, and how much; with --sound also "heard HZ LOUDNESS"
///             for each tenth of a second: the pitch of what was decoded, and its root mean square
///             of 32767; with --picture "picture HEX" for each frame: its decoded luma, scaled to
///             32 x 24 bytes; with --ages "age US" for each frame, when its last packet is here:
///             the time since its capture, by this machine's wall clock
/// It takes    on standard input: the answer in base64, one line; each line after that goes over
///             the data channel, with --bytes as the bytes that it is in base64; the end of the
///             input ends it
/// Options     --sound asks for Opus, too, --sound-first before the video; --picture decodes;
///             --ages asks for the time of capture in each packet; --h265 prefers H.265 to H.264,
///             --h265-only and --h265-small know nothing else, the latter up to 720 lines; --bytes
///
/// Errors   exit status 1 when it has no WebRTC, or is handed what is no answer
#define GST_USE_UNSTABLE_API
#include "tests/tools/reception.h"

#include <cmath>
#include <cstdio>
#include <gst/gst.h>
#include <gst/rtp/rtp.h>
#include <gst/webrtc/webrtc.h>
#include <iostream>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace
{

constexpr guint8 kPayload = 106, kH265Payload = 107;
constexpr char kVideo[] = "application/x-rtp,media=video,encoding-name=H264,clock-rate=90000,"
                          "payload=106,packetization-mode=(string)1,"
                          "profile-level-id=(string)42e01f,rtcp-fb-nack=true,rtcp-fb-nack-pli=true";

constexpr char kH265[] = "application/x-rtp,media=video,encoding-name=H265,clock-rate=90000,"
                         "payload=107,profile-id=(string)1,tier-flag=(string)0,"
                         "tx-mode=(string)SRST,rtcp-fb-nack=true,rtcp-fb-nack-pli=true,"
                         "level-id=(string)";

constexpr char kSound[] = "application/x-rtp,media=audio,encoding-name=OPUS,clock-rate=48000,"
                          "encoding-params=(string)2,payload=111";
constexpr char kDecoder[] = "rtpopusdepay ! opusdec ! audioconvert ! audioresample ! "
                            "audio/x-raw,format=S16LE,rate=48000,channels=1 ! "
                            "fakesink name=ear sync=false async=false signal-handoffs=true";
constexpr char kDecoded[] = " ! videoconvert ! videoscale ! "
                            "video/x-raw,format=GRAY8,width=32,height=24 ! "
                            "fakesink name=eye sync=false async=false signal-handoffs=true";
constexpr size_t kWindow = 4800; // a tenth of a second
// Source: http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time, and RFC 868 for the years
// from 1900, where NTP begins, to 1970.
constexpr guint8 kCaptureTimeId = 3;
constexpr char kCaptureTime[] =
    ",extmap-3=(string)\"http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time\"";
constexpr guint64 kNtpToUnixSeconds = 2208988800u;

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

/// From now on it reports what comes, and says it each second.
void tell_what_comes(GstElement *peer)
{
    static Reception reception{peer, {kPayload, kH265Payload}};
    std::thread{[] {
        while (true) {
            g_usleep(G_USEC_PER_SEC);
            say("second " + std::to_string(reception.take_frames()) + " " +
                std::to_string(reception.take_bytes() * 8 / 1000));
        }
    }}.detach();
}

void connection_changed(GstElement *peer)
{
    static bool told = false;
    GstWebRTCPeerConnectionState state;
    g_object_get(peer, "connection-state", &state, nullptr);
    if (state != GST_WEBRTC_PEER_CONNECTION_STATE_CONNECTED || std::exchange(told, true))
        return;
    tell_what_comes(peer);
    say("connected");
}

void hear_text(GObject *, const char *text)
{
    g_autofree char *coded = g_base64_encode(reinterpret_cast<const guchar *>(text), strlen(text));
    say(std::string{"told "} + coded);
}

void add_linked(GstPad *pad, GstElement *element, GstElement *pipeline)
{
    gst_bin_add(GST_BIN(pipeline), element);
    gst_element_sync_state_with_parent(element);
    GstPad *sink = gst_element_get_static_pad(element, "sink");
    gst_pad_link(pad, sink); // not any other that comes at the same time
    gst_object_unref(sink);
}

/// Says pitch and loudness of each full window; upward crossings of zero count the periods.
void hear(const int16_t *samples, size_t count)
{
    static std::vector<int16_t> window;
    window.insert(window.end(), samples, samples + count);
    while (window.size() >= kWindow) {
        double squares = 0;
        std::vector<size_t> rises;
        for (size_t i = 0; i < kWindow; ++i) {
            squares += double(window[i]) * window[i];
            if (i > 0 && window[i - 1] < 0 && window[i] >= 0)
                rises.push_back(i);
        }
        const double periods = rises.empty() ? 0 : double(rises.size()) - 1;
        const double hz = periods > 0 ? periods * 48000 / double(rises.back() - rises.front()) : 0;
        say("heard " + std::to_string(std::lround(hz)) + " " +
            std::to_string(std::lround(std::sqrt(squares / kWindow))));
        window.erase(window.begin(), window.begin() + kWindow);
    }
}

using Perceive = void (*)(const GstMapInfo &decoded);

/// Decodes what comes from the pad, for the sink of that name.
void perceive(GstPad *pad, GstElement *pipeline, const char *bin, const char *sink, Perceive fn)
{
    GstElement *decoder = gst_parse_bin_from_description(bin, TRUE, nullptr);
    GstElement *sense = gst_bin_get_by_name(GST_BIN(decoder), sink);
    const auto handoff = +[](GstElement *, GstBuffer *buffer, GstPad *, Perceive perceived) {
        GstMapInfo map;
        gst_buffer_map(buffer, &map, GST_MAP_READ);
        perceived(map);
        gst_buffer_unmap(buffer, &map);
    };
    g_signal_connect(sense, "handoff", G_CALLBACK(handoff), gpointer(fn));
    gst_object_unref(sense);
    add_linked(pad, decoder, pipeline);
}

void listen(GstPad *pad, GstElement *pipeline)
{
    perceive(pad, pipeline, kDecoder, "ear", [](const GstMapInfo &map) {
        hear(reinterpret_cast<int16_t *>(map.data), map.size / 2);
    });
}

void look(GstPad *pad, GstElement *pipeline, bool h265)
{
    const std::string bin = h265 ? std::string{"rtph265depay ! h265parse ! avdec_h265"} + kDecoded
                                 : std::string{"rtph264depay wait-for-keyframe=true "
                                               "request-keyframe=true ! avdec_h264"} +
                                       kDecoded;
    perceive(pad, pipeline, bin.c_str(), "eye", [](const GstMapInfo &map) {
        std::string line = "picture ";
        for (size_t i = 0; i < map.size; ++i) {
            char hex[3];
            std::snprintf(hex, sizeof hex, "%02x", map.data[i]);
            line += hex;
        }
        say(line);
    });
}

/// Says how old a frame is at its last packet, which has the marker.
void tell_age(GstElement *, GstBuffer *packet, GstPad *)
{
    GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
    gpointer captured = nullptr;
    guint size = 0;
    if (!gst_rtp_buffer_map(packet, GST_MAP_READ, &rtp))
        return;
    if (gst_rtp_buffer_get_marker(&rtp) &&
        gst_rtp_buffer_get_extension_onebyte_header(&rtp, kCaptureTimeId, 0, &captured, &size) &&
        size >= 8) {
        const guint64 ntp = GST_READ_UINT64_BE(captured);
        const auto us = gint64(((ntp >> 32) - kNtpToUnixSeconds) * G_USEC_PER_SEC +
                               (((ntp & 0xffffffffu) * G_USEC_PER_SEC) >> 32));
        say("age " + std::to_string(g_get_real_time() - us));
    }
    gst_rtp_buffer_unmap(&rtp);
}

/// "H264", "H265" or "OPUS".
std::string codec_of(GstPad *pad)
{
    GstCaps *caps = gst_pad_get_current_caps(pad);
    const std::string codec =
        gst_structure_get_string(gst_caps_get_structure(caps, 0), "encoding-name");
    gst_caps_unref(caps);
    return codec;
}

void take_stream(GstElement *, GstPad *pad, GstElement *pipeline)
{
    if (GST_PAD_DIRECTION(pad) != GST_PAD_SRC)
        return;
    const std::string codec = codec_of(pad);
    if (codec == "OPUS")
        return listen(pad, pipeline);
    say("codec " + codec);
    if (g_object_get_data(G_OBJECT(pipeline), "look"))
        return look(pad, pipeline, codec == "H265");
    GstElement *sink = gst_element_factory_make("fakesink", nullptr);
    g_object_set(sink, "sync", FALSE, "async", FALSE, "signal-handoffs", TRUE, nullptr);
    g_signal_connect(sink, "handoff", G_CALLBACK(+[](GstElement *, GstBuffer *, GstPad *) {
                         static bool said = false;
                         if (!std::exchange(said, true))
                             say("frame");
                     }),
                     nullptr);
    if (g_object_get_data(G_OBJECT(pipeline), "ages"))
        g_signal_connect(sink, "handoff", G_CALLBACK(tell_age), nullptr);
    add_linked(pad, sink, pipeline);
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

void ask_for(GstElement *peer, const std::string &what)
{
    GstWebRTCRTPTransceiver *transceiver = nullptr;
    GstCaps *caps = gst_caps_from_string(what.c_str());
    g_signal_emit_by_name(peer, "add-transceiver", GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_RECVONLY,
                          caps, &transceiver);
    gst_caps_unref(caps);
    g_object_set(transceiver, "do-nack", what != kSound, nullptr);
    gst_object_unref(transceiver);
}

void send(GObject *channel, const std::string &line, bool bytes)
{
    if (!bytes)
        return g_signal_emit_by_name(channel, "send-string", line.c_str());
    gsize size = 0;
    guchar *data = g_base64_decode(line.c_str(), &size);
    GBytes *message = g_bytes_new_take(data, size);
    g_signal_emit_by_name(channel, "send-data", message);
    g_bytes_unref(message);
}

/// What is offered, the best first.
std::string video(const std::set<std::string> &options)
{
    const std::string h264 =
        options.contains("--ages") ? std::string{kVideo} + kCaptureTime : kVideo;
    if (options.contains("--h265-small"))
        return std::string{kH265} + "93";
    const std::string h265 = std::string{kH265} + "123";
    if (options.contains("--h265-only"))
        return h265;
    return options.contains("--h265") ? h265 + ";" + h264 : h264;
}

} // namespace

int main(int argc, char **argv)
{
    gst_init(&argc, &argv);
    const std::set<std::string> options{argv + 1, argv + argc};
    const auto asks = [&](const char *option) { return options.contains(option); };
    GstElement *peer = gst_element_factory_make("webrtcbin", nullptr);
    if (!peer)
        return 1;
    GstElement *pipeline = gst_pipeline_new(nullptr);
    g_object_set_data(G_OBJECT(pipeline), "look", asks("--picture") ? pipeline : nullptr);
    g_object_set_data(G_OBJECT(pipeline), "ages", asks("--ages") ? pipeline : nullptr);
    g_object_set(peer, "bundle-policy", GST_WEBRTC_BUNDLE_POLICY_MAX_BUNDLE, nullptr);
    gst_bin_add(GST_BIN(pipeline), peer);
    g_signal_connect(peer, "notify::ice-gathering-state", G_CALLBACK(gathering_changed), nullptr);
    g_signal_connect(peer, "notify::connection-state", G_CALLBACK(connection_changed), nullptr);
    g_signal_connect(peer, "pad-added", G_CALLBACK(take_stream), pipeline);
    gst_element_set_state(pipeline, GST_STATE_PLAYING);

    GObject *agent = nullptr;
    gboolean added = FALSE;
    g_object_get(peer, "ice-agent", &agent, nullptr);
    g_signal_emit_by_name(agent, "add-local-ip-address", "127.0.0.1", &added);
    if (asks("--sound-first"))
        ask_for(peer, kSound);
    ask_for(peer, video(options));
    if (asks("--sound"))
        ask_for(peer, kSound);
    GObject *channel = nullptr;
    g_signal_emit_by_name(peer, "create-data-channel", "control", nullptr, &channel);
    g_signal_connect(channel, "on-message-string", G_CALLBACK(hear_text), nullptr);
    offer(peer);

    std::string line;
    if (!std::getline(std::cin, line) || !take_answer(peer, line))
        return 1;
    while (std::getline(std::cin, line))
        send(channel, line, asks("--bytes"));
    gst_element_set_state(pipeline, GST_STATE_NULL);
    return 0;
}
