// SPDX-License-Identifier: LGPL-2.1-or-later
/// How old pictures get on their way.
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
json::Object ages(const media::Ages &ages)
{
    const auto q = ages.read();
    return json::Object{}
        .add("pictures", ages.count())
        .add("p50", ms(q.p50))
        .add("p95", ms(q.p95))
        .add("p99", ms(q.p99));
}

} // namespace

std::vector<http::Route> stats_routes(media::Media &media)
{
    const auto stats = [&media](const Request &, Reply reply) {
        json::Array encoders;
        for (const char *codec : {"h264", "mjpeg"})
            if (const media::Encoder *e = media.encoder(codec))
                encoders.add(json::Object{}
                                 .add("codec", codec)
                                 .add("name", e->name())
                                 .add("age", ages(e->ages())));
        const media::Signal &signal = media.capture().signal();
        reply(success(json::Object{}
                          .add("capture", json::Object{}
                                              .add("state", signal.state)
                                              .add("width", signal.width)
                                              .add("height", signal.height)
                                              .add("fps", signal.fps)
                                              .add("age", ages(media.capture().ages())))
                          .add("encoders", encoders)));
    };
    return {{"GET", "/api/stream/stats", Role::User,
             "Tells how old pictures were, in ms, when captured and when encoded",
             http::Call{stats}}};
}

} // namespace panto::api
