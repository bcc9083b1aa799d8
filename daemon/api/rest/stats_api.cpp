// SPDX-License-Identifier: LGPL-2.1-or-later
/// How old pictures get on their way, and how viewers fare.
#include "daemon/api/rest/rest.h"

#include "daemon/api/rest/envelope.h"

namespace panto::api
{

namespace
{

using http::Reply;
using http::Request;
using http::Role;

double ms(media::Ages::Age age)
{
    return double(age.count()) / 1000;
}

/// In ms since the capture.
json::Object ages_of(const media::Ages::Quantiles &q, uint64_t pictures)
{
    return json::Object{}
        .add("pictures", pictures)
        .add("p50", ms(q.p50))
        .add("p95", ms(q.p95))
        .add("p99", ms(q.p99));
}
json::Object ages(const media::Ages &ages)
{
    return ages_of(ages.read(), ages.count());
}

/// What the peer has not told yet is null.
json::Object viewer(const webrtc::Figures &f)
{
    json::Value lost = nullptr, round_trip = nullptr, sent = nullptr, arrived = nullptr;
    if (const auto &s = f.heard.sample) {
        lost = s->lost;
        sent = s->sent_kbps;
        arrived = s->arrived_kbps;
    }
    if (f.heard.round_trip)
        round_trip = ms(*f.heard.round_trip);
    return json::Object{}
        .add("user", f.name.substr(0, f.name.find('@')))
        .add("seconds", int64_t(f.connected.count()))
        .add("tier", f.tier == webrtc::Tier::Full ? "full" : "low")
        .add("estimated_kbps", f.bears_kbps)
        .add("reason", f.reason)
        .add("lost", lost)
        .add("round_trip", round_trip)
        .add("sent_kbps", sent)
        .add("arrived_kbps", arrived)
        .add("key_frames_wanted", f.key_frames_wanted)
        .add("frames", f.frames)
        .add("bytes", f.given.bytes)
        .add("dropped", json::Object{}
                            .add("queue_full", f.given.queue_full)
                            .add("awaiting_key_frame", f.given.awaiting_key_frame))
        .add("age", ages_of(f.age, f.frames));
}

} // namespace

std::vector<http::Route> stats_routes(media::Media &media, const webrtc::Viewers &viewers)
{
    const auto stats = [&media, &viewers](const Request &, Reply reply) {
        json::Array encoders;
        for (const char *codec : {"h264", "h264-low", "mjpeg"})
            if (const media::Encoder *e = media.encoder(codec))
                encoders.add(json::Object{}
                                 .add("codec", codec)
                                 .add("name", e->name())
                                 .add("age", ages(e->ages())));
        json::Array watching;
        for (const webrtc::Figures &f : viewers.figures())
            watching.add(viewer(f));
        const media::Signal &signal = media.capture().signal();
        reply(success(json::Object{}
                          .add("capture", json::Object{}
                                              .add("state", signal.state)
                                              .add("width", signal.width)
                                              .add("height", signal.height)
                                              .add("fps", signal.fps)
                                              .add("age", ages(media.capture().ages())))
                          .add("encoders", encoders)
                          .add("viewers", watching)));
    };
    return {{"GET", "/api/stream/stats", Role::User,
             "Tells how old pictures were, in ms, on each part of their way, and how each WebRTC "
             "viewer fares",
             http::Call{stats}}};
}

} // namespace panto::api
