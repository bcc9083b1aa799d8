// SPDX-License-Identifier: LGPL-2.1-or-later
/// How old pictures get on their way, and how viewers fare.
#include "daemon/api/rest/rest.h"

#include "daemon/api/audience.h"
#include "daemon/api/rest/envelope.h"

namespace panto::api
{

namespace
{

using http::Reply;
using http::Request;
using http::Role;

constexpr int64_t kOldest_us = 600'000'000; // older ones say that a clock is wrong
constexpr int64_t kMost = UINT32_MAX;

struct TellBody : Audience::Told {
    std::string viewer;
};
constexpr Field<TellBody> kTell[] = {
    required<TellBody>({"viewer", "What ?viewer= called it where it began", &TellBody::viewer}),
    {"decoded", "Pictures decoded since it began", &TellBody::decoded, 0, kMost},
    {"dropped", "Pictures that came and were not shown", &TellBody::dropped, 0, kMost},
    {"decode_p50_us", "Age of decoded pictures since their capture: the median; 0: not known",
     &TellBody::decode_p50, 0, kOldest_us},
    {"decode_p95_us", "The same: of 95 of 100", &TellBody::decode_p95, 0, kOldest_us},
    {"decode_p99_us", "The same: of 99 of 100", &TellBody::decode_p99, 0, kOldest_us},
    {"presented", "Pictures shown since it began", &TellBody::presented, 0, kMost},
    {"present_p50_us", "Age of pictures when they were shown: the median; 0: not known",
     &TellBody::present_p50, 0, kOldest_us},
    {"present_p95_us", "The same: of 95 of 100", &TellBody::present_p95, 0, kOldest_us},
    {"present_p99_us", "The same: of 99 of 100", &TellBody::present_p99, 0, kOldest_us},
};

/// Ages that fall from one to the next are no quantiles.
bool makes_sense(const Audience::Told &t)
{
    return t.decode_p50 <= t.decode_p95 && t.decode_p95 <= t.decode_p99 &&
           t.present_p50 <= t.present_p95 && t.present_p95 <= t.present_p99;
}

} // namespace

std::vector<http::Route> stats_routes(media::Media &media, Audience &audience)
{
    const auto stats = [&media, &audience](const Request &, Reply reply) {
        json::Array encoders;
        for (const auto &[codec, encoder] : media.encoders())
            encoders.add(json::Object{}
                             .add("codec", codec)
                             .add("name", encoder->name())
                             .add("age", age(encoder->ages())));
        const media::Signal &signal = media.capture().signal();
        reply(success(json::Object{}
                          .add("capture", json::Object{}
                                              .add("state", signal.state)
                                              .add("width", signal.width)
                                              .add("height", signal.height)
                                              .add("fps", signal.fps)
                                              .add("age", age(media.capture().ages())))
                          .add("encoders", encoders)
                          .add("viewers", audience.viewers())));
    };
    const auto tell = [&audience](const TellBody &body, const Request &rq, Reply reply) {
        if (!makes_sense(body))
            return reply(failure(-1, "invalid arguments",
                                 Error{Kind::Invalid, "p50, p95 and p99 must not fall"}));
        answer(reply, -2, "no such viewer")(audience.take(body.viewer, rq.token, body));
    };
    return {{"GET", "/api/stream/stats", Role::User,
             "Tells how old pictures were, in ms, on each part of their way, and how each viewer "
             "fares",
             http::Call{stats}},
            {"POST", "/api/stream/stats", Role::User,
             "Takes what a viewer's page knows of its pictures", with_body(kTell, tell)}};
}

} // namespace panto::api
