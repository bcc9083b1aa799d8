// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/config/schema.h"
#include "daemon/media/media.h"
#include "daemon/webrtc/candidate.h"
#include "daemon/webrtc/feeding.h"
#include "daemon/webrtc/offer.h"
#include "daemon/webrtc/path.h"
#include "daemon/webrtc/rate.h"
#include "daemon/webrtc/sound_line.h"
#include "lib/glib/source.h"

#include <gst/webrtc/webrtc.h>

#include <functional>
#include <memory>
#include <set>
#include <span>
#include <string>

namespace panto::webrtc
{

/// A message that came or goes over the data channel.
struct Data {
    bool text = false;
    std::string bytes;
};

/// How a viewer fares.
struct Figures {
    std::string codec; ///< h264 or h265
    Tier tier = Tier::Full;
    unsigned bears_kbps = 0; ///< what its way is thought to bear
    std::string reason;      ///< why that is less than the full stream's most; "" when it is not
    uint64_t key_frames_wanted = 0; ///< by the peer
    Path::Heard heard;
    uint64_t frames = 0;   ///< that have left
    Ages::Quantiles age;   ///< of these when their last packet left, since their capture
    Feeding::Counts given; ///< to its queue, and not
};

/// Viewer: one WebRTC peer, which gets the codec that it prefers of those made here: its own
/// pipeline, fed from the encoder once the peer is connected, and with sound if its offer asks for
/// it and there is any.
///
/// Errors   on_ended says why: Invalid, the offer cannot be answered; Timeout, it was not answered
///          within 15 s, or the peer not connected 15 s later; Denied, whoever connected is not who
///          made the offer; Unavailable, the peer left or sent no RTCP for 10 s, or the pipeline
///          failed
/// Drops    frames while the peer's queue is full: see Feeding
/// Threads  main loop; the callbacks run there, too. A callback may destroy the Viewer.
class Viewer : public std::enable_shared_from_this<Viewer>
{
public:
    /// Starts answering an offer; nothing is sent before the peer is connected.
    static Result<std::shared_ptr<Viewer>> create(media::Media &media, const config::Ice &ice,
                                                  const std::string &local_address,
                                                  const std::string &offer_sdp);
    ~Viewer();
    Viewer(const Viewer &) = delete;
    Viewer &operator=(const Viewer &) = delete;

    /// A candidate of the peer's. Invalid: it has named kMostCandidates already, in its offer or
    /// since.
    Result<> add_candidate(const Candidate &candidate);
    /// Sends the sound that the offer asked for, or stops; at first it is sent.
    void send_sound(bool on);
    /// Sends over the data channel, if the peer opened one.
    void send(const Data &data);
    bool connected() const { return connected_ && !ended_; }
    /// How it fares; only while it is connected.
    Figures figures() const;
    Tier tier() const { return tier_; }
    const std::string &codec() const { return codec_; }
    /// The peer is to get that stream, from its next key frame on; until then it gets the other.
    void change_to(Tier tier);
    /// What the way to the peer bears.
    Rate &rate() { return rate_; }
    /// The answer with the candidates there are by now; "" before there is one.
    std::string answer_so_far() const;

    std::function<void(const std::string &sdp)> on_answer;   ///< at once, candidates follow
    std::function<void(const Candidate &)> on_candidate;     ///< one of ours
    std::function<void(const std::string &sdp)> on_gathered; ///< the answer with all of ours
    std::function<void()> on_connected;
    std::function<void()> on_channel; ///< the peer opened its data channel
    std::function<void(const Data &)> on_data;
    std::function<void()> on_report; ///< the peer has told how it fares
    std::function<void(const Error &why)> on_ended;

private:
    Viewer(media::Media &media, std::string codec);
    media::Encoder &encoder() const;
    void build(const Offer &offer, const Video &video, const config::Ice &ice,
               const std::string &local_address);
    void watch_webrtcbin();
    void take_offer(const std::string &sdp);
    void state_changed();
    static std::vector<Connection> listen(GObject *channel, const std::weak_ptr<Viewer> &weak);
    void open_channel(GObject *channel, std::vector<Connection> connections);
    void heard(const GObject *channel, const Data &data);
    void watch_path();
    void take_report(const Sample &sample);
    void watch_stream();
    void stream_began(unsigned stream);
    void want_key_frame(unsigned stream);
    void asked_for_key_frame();
    void expect(const char *else_why);
    void end(const Error &why);

    media::Media &media_;
    const std::string codec_;
    Rate rate_;
    Tier tier_ = Tier::Full;
    unsigned stream_ = 0; ///< number of the stream that it gets, or will
    std::unique_ptr<media::Pipeline> pipeline_;
    Ref<GstElement> webrtc_;
    guint32 ssrc_ = 0;
    std::shared_ptr<Feeding> feeding_; ///< the streams' threads', too
    std::shared_ptr<Path> path_;       ///< while connected; webrtcbin's threads', too
    media::Encoder::Watch watch_, coming_;
    uint64_t key_frames_wanted_ = 0;
    std::optional<SoundLine> sound_line_;
    Ref<GObject> channel_;
    std::vector<std::string> fingerprints_;
    std::set<std::pair<unsigned, std::string>> named_; ///< candidates, by add_candidate()
    size_t offered_ = 0;                               ///< candidates, in the offer
    std::vector<Connection> connections_;
    Source deadline_, life_;
    bool listens_ = true;
    bool connected_ = false;
    bool gathered_ = false;
    bool answered_ = false;
    bool ended_ = false;
};

} // namespace panto::webrtc
