// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/api/audience.h"

#include <algorithm>
#include <glib.h>

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

constexpr size_t kShortestName = 16, kLongestName = 64;

bool is_name(const std::string &text)
{
    return text.size() >= kShortestName && text.size() <= kLongestName &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return g_ascii_isalnum(c) || c == '-'; });
}

double ms(Ages::Age age)
{
    return double(age.count()) / 1000;
}

/// Whether the newest picture that went to a viewer shows what was long ago. Even of a screen that
/// stands still one goes every 0.6 s.
bool stale(const Ages::Quantiles &sent)
{
    return sent.pictures > 0 && sent.newest > std::chrono::seconds{1};
}

json::Object told_ages(unsigned pictures, unsigned p50, unsigned p95, unsigned p99)
{
    const auto known = [](unsigned us) { return us ? json::Value{us / 1000.0} : nullptr; };
    return json::Object{}
        .add("pictures", pictures)
        .add("p50", known(p50))
        .add("p95", known(p95))
        .add("p99", known(p99));
}

} // namespace

Audience::Who::Who(const http::Request &rq) : user{rq.principal.user}, token{rq.token}
{
    if (const auto it = rq.query.find("viewer"); it != rq.query.end() && is_name(it->second))
        name = it->second;
}

Audience::Place Audience::enter(Way way, const Who &who, Figures figures)
{
    control::Modes::Use counted;
    if (way == Way::WebRtc)
        counted = modes_.webrtc();
    if (way == Way::Direct)
        counted = modes_.direct();
    const bool free = std::none_of(seats_.begin(), seats_.end(),
                                   [&](const Seat &seat) { return seat.id == who.name; });
    ++last_id_;
    const auto at = seats_.insert(
        seats_.end(), {!who.name.empty() && free ? who.name : std::to_string(last_id_), way,
                       who.user, who.token, std::move(figures), std::move(counted)});
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
        json::Value decode = nullptr, present = nullptr;
        if (const auto &t = seat.told) {
            decode = told_ages(t->decoded, t->decode_p50, t->decode_p95, t->decode_p99)
                         .add("dropped", t->dropped);
            present = told_ages(t->presented, t->present_p50, t->present_p95, t->present_p99);
        }
        viewer.add("decode", decode).add("present", present);
        all.add(viewer);
    }
    return all;
}

Result<> Audience::take(const std::string &name, const std::string &token, const Told &told)
{
    for (Seat &seat : seats_)
        if (seat.id == name && seat.token == token) {
            seat.told = told;
            return ok;
        }
    return Error{Kind::NotFound, "no viewer of this session has that name"};
}

json::Object age(const Ages::Quantiles &q, uint64_t pictures)
{
    return json::Object{}
        .add("pictures", pictures)
        .add("p50", ms(q.p50))
        .add("p95", ms(q.p95))
        .add("p99", ms(q.p99))
        .add("newest", pictures ? json::Value{ms(q.newest)} : nullptr);
}

void add_sent(json::Object &viewer, const Sent &sent, const json::Object &dropped)
{
    const Ages::Quantiles ages = sent.ages().read();
    viewer.add("sent_kbps", sent.kbps())
        .add("frames", sent.frames())
        .add("bytes", sent.bytes())
        .add("dropped", dropped)
        .add("stale", stale(ages))
        .add("age", age(ages, sent.ages().count()));
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
    viewer.add("codec", f.codec)
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
        .add("stale", stale(f.age))
        .add("age", age(f.age, f.frames));
}

} // namespace panto::api
