// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/api/audience.h"

namespace panto::api
{

namespace
{

const char *name_of(Audience::Way way)
{
    switch (way) {
    case Audience::Way::WebRtc:
        return "webrtc";
    case Audience::Way::Direct:
        return "direct";
    case Audience::Way::Mjpeg:
        break;
    }
    return "mjpeg";
}

double ms(Ages::Age age)
{
    return double(age.count()) / 1000;
}

} // namespace

Audience::Place Audience::enter(Way way, const Who &who, Figures figures)
{
    control::Modes::Use counted;
    if (way == Way::WebRtc)
        counted = modes_.webrtc();
    if (way == Way::Direct)
        counted = modes_.direct();
    const auto at = seats_.insert(seats_.end(), {std::to_string(++last_id_), way, who.user,
                                                 std::move(figures), std::move(counted)});
    return {&*at, [this, at](void *) { seats_.erase(at); }};
}

json::Array Audience::viewers() const
{
    json::Array all;
    for (const Seat &seat : seats_) {
        json::Object viewer;
        viewer.add("id", seat.id)
            .add("way", name_of(seat.way))
            .add("user", seat.user)
            .add("seconds",
                 std::chrono::floor<std::chrono::seconds>(steady_now() - seat.since).count());
        seat.figures(viewer);
        all.add(viewer);
    }
    return all;
}

json::Object age(const Ages::Quantiles &q, uint64_t pictures)
{
    return json::Object{}
        .add("pictures", pictures)
        .add("p50", ms(q.p50))
        .add("p95", ms(q.p95))
        .add("p99", ms(q.p99));
}

void add_sent(json::Object &viewer, const Sent &sent, const json::Object &dropped)
{
    viewer.add("sent_kbps", sent.kbps())
        .add("frames", sent.frames())
        .add("bytes", sent.bytes())
        .add("dropped", dropped)
        .add("age", age(sent.ages()));
}

/// What the peer has not told yet is null.
void add_figures(json::Object &viewer, const webrtc::Figures &f)
{
    json::Value lost = nullptr, round_trip = nullptr, sent = nullptr, arrived = nullptr;
    if (const auto &s = f.heard.sample) {
        lost = s->lost;
        sent = s->sent_kbps;
        arrived = s->arrived_kbps;
    }
    if (f.heard.round_trip)
        round_trip = ms(*f.heard.round_trip);
    viewer.add("tier", f.tier == webrtc::Tier::Full ? "full" : "low")
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
        .add("age", age(f.age, f.frames));
}

} // namespace panto::api
