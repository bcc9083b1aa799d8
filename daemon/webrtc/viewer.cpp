// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/webrtc/viewer.h"

#include "daemon/webrtc/fingerprint.h"
#include "daemon/webrtc/ice.h"
#include "daemon/webrtc/packet_lists.h"
#include "daemon/webrtc/send_only.h"

#include <algorithm>
#include <gst/rtp/gstrtphdrext.h>
#include <gst/video/video.h>

namespace panto::webrtc
{

namespace
{

constexpr auto kLimit = std::chrono::seconds{15}; // for our answer, and then for the peer
constexpr auto kGathering = std::chrono::milliseconds{500};

const Error kStranger{Kind::Denied, "the peer's certificate is not the one its offer names"};

void free_sdp(GstWebRTCSessionDescription *d)
{
    gst_webrtc_session_description_free(d);
}
using Sdp = Owned<GstWebRTCSessionDescription, free_sdp>;

/// Runs fn(self) on the main loop, if self still lives then.
template <class Fn>
void post_to(const std::weak_ptr<Viewer> &weak, Fn fn)
{
    post([weak, fn = std::move(fn)] {
        if (auto self = weak.lock())
            fn(*self);
    });
}

using Weak = std::weak_ptr<Viewer>;

/// Connects a signal whose handler gets a weak pointer as user data, freed with the handler.
Connection connect(gpointer object, const char *signal, GCallback handler, Weak weak)
{
    return Connection{object, g_signal_connect_data(
                                  object, signal, handler, new Weak{std::move(weak)},
                                  [](gpointer p, GClosure *) { delete static_cast<Weak *>(p); },
                                  GConnectFlags(0))};
}

/// Adds a header extension to the payloader, and to the caps that the answer is made from.
void add_extension(GstElement *payloader, GstCaps *caps, const char *element, unsigned id)
{
    if (id == 0)
        return;
    GstElement *made = gst_element_factory_make(element, nullptr);
    if (!made)
        return; // works without, only slower
    auto extension = Ref<GstElement>::sink(made);
    auto *header = GST_RTP_HEADER_EXTENSION(made);
    gst_rtp_header_extension_set_id(header, id);
    g_signal_emit_by_name(payloader, "add-extension", made);
    gst_caps_set_simple(caps, ("extmap-" + std::to_string(id)).c_str(), G_TYPE_STRING,
                        gst_rtp_header_extension_get_uri(header), nullptr);
}

/// The video that the peer prefers of what is made here; null when there is none.
const Video *choose(const media::Media &media, const Offer &offer)
{
    const auto made = [&](const Video &v) {
        return media.encoder(v.codec) && media.viewer(v.codec);
    };
    const auto found = std::find_if(offer.video.begin(), offer.video.end(), made);
    return found == offer.video.end() ? nullptr : &*found;
}

} // namespace

Result<std::shared_ptr<Viewer>> Viewer::create(media::Media &media, const config::Ice &ice,
                                               const std::string &local_address,
                                               const std::string &offer_sdp)
{
    PANTO_TRY(offer, read_offer(offer_sdp));
    const Video *video = choose(media, offer);
    if (!video && offer.video.front().codec == "h265" && media.encoder("h264"))
        return Error{Kind::Conflict, "nothing on this machine makes H.265; offer H.264, too"};
    if (!video)
        return Error{Kind::Unavailable, "nothing on this machine sends H.264 over WebRTC"};
    const auto *listener = media.viewer(video->codec + "+opus");
    const bool sound = offer.opus && listener && media.sound().offered();
    PANTO_TRY(pipeline,
              media::Pipeline::create(sound ? *listener : *media.viewer(video->codec), {}));
    std::shared_ptr<Viewer> viewer{new Viewer{media, video->codec}};
    viewer->pipeline_ = std::move(pipeline);
    if (sound)
        viewer->sound_line_.emplace(*viewer->pipeline_, *offer.opus);
    viewer->fingerprints_ = offer.fingerprints;
    viewer->offered_ = offer.candidates;
    viewer->build(offer, *video, ice, local_address);
    viewer->watch_webrtcbin();
    if (auto playing = viewer->pipeline_->play(); !playing)
        return std::move(playing.error());
    viewer->take_offer(offer_sdp);
    viewer->expect("the offer was not answered within 15 s");
    return viewer;
}

Viewer::Viewer(media::Media &media, std::string codec)
    : media_{media}, codec_{std::move(codec)}, rate_{media.encoder(codec_)->bit_rate()}
{
}

void Viewer::build(const Offer &offer, const Video &video, const config::Ice &ice,
                   const std::string &local_address)
{
    webrtc_ = pipeline_->child("webrtc");
    const auto pay = pipeline_->child("pay");
    ssrc_ = guint32(g_random_int_range(1, G_MAXINT32));
    g_object_set(pay.get(), "pt", video.payload, "ssrc", ssrc_, nullptr);
    auto caps = Ref<GstCaps>::adopt(gst_caps_new_simple(
        "application/x-rtp", "media", G_TYPE_STRING, "video", "encoding-name", G_TYPE_STRING,
        video.codec == "h264" ? "H264" : "H265", "payload", G_TYPE_INT, int(video.payload),
        "clock-rate", G_TYPE_INT, 90000, "rtcp-fb-nack", G_TYPE_BOOLEAN, TRUE, "rtcp-fb-nack-pli",
        G_TYPE_BOOLEAN, TRUE, "rtcp-fb-ccm-fir", G_TYPE_BOOLEAN, TRUE, nullptr));
    // The answer must name the SSRC: browsers pair retransmissions with it, and show a stream whose
    // SSRC they were not told to nobody.
    gst_caps_set_simple(caps.get(), "ssrc", G_TYPE_UINT, ssrc_, nullptr);
    add_extension(pay.get(), caps.get(), "rtphdrextplayoutdelay", offer.playout_delay_id);
    add_extension(pay.get(), caps.get(), "rtphdrextabscapturetime", offer.capture_time_id);

    keep_packets_together(webrtc_.get());
    set_up_ice(webrtc_.get(), ice, local_address);
    send_only(pay.get(), caps.get(), "picture", true);

    const auto appsrc = pipeline_->child("in");
    const auto posts = [weak = weak_from_this()](void (Viewer::*then)(unsigned)) {
        return [weak, then](unsigned stream) {
            post_to(weak, [then, stream](Viewer &v) { (v.*then)(stream); });
        };
    };
    feeding_ = std::make_shared<Feeding>(
        appsrc, Feeding::Events{posts(&Viewer::want_key_frame), posts(&Viewer::stream_began)});
    // What the peer asks for travels upstream as a force-key-unit event.
    auto in = Ref<GstPad>::adopt(gst_element_get_static_pad(appsrc.get(), "src"));
    gst_pad_add_probe(
        in.get(), GST_PAD_PROBE_TYPE_EVENT_UPSTREAM,
        [](GstPad *, GstPadProbeInfo *info, gpointer p) {
            if (gst_video_event_is_force_key_unit(GST_PAD_PROBE_INFO_EVENT(info)))
                post_to(*static_cast<Weak *>(p), [](Viewer &v) { v.asked_for_key_frame(); });
            return GST_PAD_PROBE_OK;
        },
        new Weak{weak_from_this()}, [](gpointer p) { delete static_cast<Weak *>(p); });
}

void Viewer::watch_webrtcbin()
{
    const Weak weak = weak_from_this();
    pipeline_->on_error = [this](const Error &e) { end(e); };
    connections_.push_back(
        connect(webrtc_.get(), "on-ice-candidate",
                G_CALLBACK(+[](GstElement *, guint mline, const char *text, Weak *w) {
                    Candidate c;
                    c.mline = mline;
                    c.text = text;
                    post_to(*w, [c](Viewer &v) {
                        if (v.on_candidate)
                            v.on_candidate(c);
                    });
                }),
                weak));
    const auto changed = G_CALLBACK(+[](GstElement *, GParamSpec *, Weak *w) {
        post_to(*w, [](Viewer &v) { v.state_changed(); });
    });
    connections_.push_back(connect(webrtc_.get(), "notify::connection-state", changed, weak));
    connections_.push_back(connect(webrtc_.get(), "notify::ice-gathering-state", changed, weak));
    connections_.push_back(connect(
        webrtc_.get(), "on-data-channel", G_CALLBACK(+[](GstElement *, GObject *channel, Weak *w) {
            auto heard = std::make_shared<std::vector<Connection>>(listen(channel, *w));
            post_to(*w, [c = Ref<GObject>::share(channel), heard](Viewer &v) {
                v.open_channel(c.get(), std::move(*heard));
            });
        }),
        weak));
}

void Viewer::take_offer(const std::string &text)
{
    GstSDPMessage *message = nullptr;
    // read_offer() has parsed it before
    gst_sdp_message_new_from_text(without_mdns(text).c_str(), &message);
    const Sdp offer{gst_webrtc_session_description_new(GST_WEBRTC_SDP_TYPE_OFFER, message)};
    g_signal_emit_by_name(webrtc_.get(), "set-remote-description", offer.get(), nullptr);
    // webrtcbin does one thing after the other: no need to wait in between.
    auto promise = Ref<GstPromise>::adopt(gst_promise_new_with_change_func(
        [](GstPromise *p, gpointer data) {
            GstWebRTCSessionDescription *answer = nullptr;
            if (const GstStructure *reply = gst_promise_get_reply(p))
                gst_structure_get(reply, "answer", GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &answer,
                                  nullptr);
            const std::shared_ptr<GstWebRTCSessionDescription> own{answer, [](auto *d) {
                                                                       if (d)
                                                                           free_sdp(d);
                                                                   }};
            post_to(*static_cast<Weak *>(data), [own](Viewer &v) {
                if (v.ended_)
                    return;
                if (!own)
                    return v.end({Kind::Invalid, "webrtcbin cannot answer this offer"});
                g_signal_emit_by_name(v.webrtc_.get(), "set-local-description", own.get(), nullptr);
                char *sdp = gst_sdp_message_as_text(own->sdp);
                const std::string answer_text = sdp;
                g_free(sdp);
                v.answered_ = true;
                v.expect("the peer did not connect within 15 s: no UDP path to it, or it left");
                if (v.on_answer)
                    v.on_answer(answer_text);
                v.state_changed();
            });
        },
        new Weak{weak_from_this()}, [](gpointer p) { delete static_cast<Weak *>(p); }));
    g_signal_emit_by_name(webrtc_.get(), "create-answer", nullptr, promise.get());
}

std::string Viewer::answer_so_far() const
{
    GstWebRTCSessionDescription *description = nullptr;
    g_object_get(webrtc_.get(), "local-description", &description, nullptr);
    if (!description)
        return {};
    const Sdp own{description};
    g_autofree char *text = gst_sdp_message_as_text(own->sdp);
    return text;
}

void Viewer::state_changed()
{
    if (ended_)
        return;
    GstWebRTCPeerConnectionState connection;
    GstWebRTCICEGatheringState gathering;
    g_object_get(webrtc_.get(), "connection-state", &connection, "ice-gathering-state", &gathering,
                 nullptr);
    if (answered_ && !gathered_ && gathering == GST_WEBRTC_ICE_GATHERING_STATE_COMPLETE) {
        if (std::string sdp = answer_so_far(); !sdp.empty()) {
            gathered_ = true;
            if (on_gathered)
                on_gathered(sdp);
        }
    }
    if (connection == GST_WEBRTC_PEER_CONNECTION_STATE_CONNECTED && !connected_) {
        if (!is_who_offered(webrtc_.get(), fingerprints_))
            return end(kStranger);
        connected_ = true;
        deadline_ = {};
        watch_path();
        watch_stream();
        send_sound(listens_);
        if (on_connected)
            on_connected();
    } else if (connection == GST_WEBRTC_PEER_CONNECTION_STATE_FAILED ||
               connection == GST_WEBRTC_PEER_CONNECTION_STATE_CLOSED) {
        end({Kind::Unavailable, "the connection to the peer failed"});
    }
}

void Viewer::send_sound(bool on)
{
    listens_ = on;
    if (!sound_line_ || !connected_ || ended_)
        return;
    if (on)
        sound_line_->connect(media_.sound());
    else
        sound_line_->disconnect();
}

void Viewer::expect(const char *else_why)
{
    deadline_ = after(kLimit, [this, else_why] { end({Kind::Timeout, else_why}); });
}

/// On webrtcbin's thread, before a message can come: one that comes while nobody listens is lost.
std::vector<Connection> Viewer::listen(GObject *channel, const std::weak_ptr<Viewer> &weak)
{
    std::vector<Connection> all;
    all.push_back(
        connect(channel, "on-message-data", G_CALLBACK(+[](GObject *c, GBytes *bytes, Weak *w) {
                    gsize size = 0;
                    auto *data =
                        static_cast<const char *>(bytes ? g_bytes_get_data(bytes, &size) : nullptr);
                    Data d;
                    d.bytes.assign(data ? data : "", size);
                    post_to(*w, [c, d](Viewer &v) { v.heard(c, d); });
                }),
                weak));
    all.push_back(connect(channel, "on-message-string",
                          G_CALLBACK(+[](GObject *c, const char *text, Weak *w) {
                              Data d;
                              d.text = true;
                              d.bytes = text ? text : "";
                              post_to(*w, [c, d](Viewer &v) { v.heard(c, d); });
                          }),
                          weak));
    all.push_back(
        connect(channel, "on-close", G_CALLBACK(+[](GObject *c, Weak *w) {
                    post_to(*w, [c](Viewer &v) {
                        if (v.channel_.get() == c)
                            v.end({Kind::Unavailable, "the peer closed its data channel"});
                    });
                }),
                weak));
    return all;
}

void Viewer::heard(const GObject *channel, const Data &data)
{
    if (channel_.get() == channel && on_data)
        on_data(data);
}

void Viewer::open_channel(GObject *channel, std::vector<Connection> connections)
{
    if (channel_ || ended_)
        return;                                        // one is enough
    if (!is_who_offered(webrtc_.get(), fingerprints_)) // may be known before the connection is
        return end(kStranger);
    channel_ = Ref<GObject>::share(channel);
    std::move(connections.begin(), connections.end(), std::back_inserter(connections_));
    if (on_channel)
        on_channel();
}

void Viewer::send(const Data &data)
{
    if (!channel_)
        return;
    guint64 waiting = 0;
    g_object_get(channel_.get(), "buffered-amount", &waiting, nullptr);
    if (waiting > 64 * 1024)
        return; // status only: the next one says it anew
    if (data.text) {
        g_signal_emit_by_name(channel_.get(), "send-string", data.bytes.c_str());
        return;
    }
    GBytes *bytes = g_bytes_new(data.bytes.data(), data.bytes.size());
    g_signal_emit_by_name(channel_.get(), "send-data", bytes);
    g_bytes_unref(bytes);
}

Result<> Viewer::add_candidate(const Candidate &candidate)
{
    if (is_mdns(candidate.text) || named_.contains({candidate.mline, candidate.text}))
        return ok;
    if (offered_ + named_.size() >= kMostCandidates)
        return Error{Kind::Invalid, "the viewer has named " + std::to_string(kMostCandidates) +
                                        " candidates already"};
    named_.emplace(candidate.mline, candidate.text);
    g_signal_emit_by_name(webrtc_.get(), "add-ice-candidate", candidate.mline,
                          candidate.text.c_str());
    return ok;
}

void Viewer::end(const Error &why)
{
    if (std::exchange(ended_, true))
        return;
    watch_ = coming_ = {};
    sound_line_.reset();
    deadline_ = {};
    life_ = {};
    if (on_ended)
        post_to(weak_from_this(), [why](Viewer &v) { v.on_ended(why); });
}

Viewer::~Viewer()
{
    connections_.clear();
    pipeline_->on_error = nullptr;
    if (gathered_)
        return;
    // A webrtcbin taken down while it gathers candidates never frees its sockets (1.22): let it
    // finish first.
    auto timer = std::make_shared<Source>();
    *timer = after(kGathering, [timer, p = std::shared_ptr<media::Pipeline>{std::move(pipeline_)}] {
        *timer = {};
    });
}

} // namespace panto::webrtc
