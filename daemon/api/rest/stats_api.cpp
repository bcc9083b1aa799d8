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

} // namespace

std::vector<http::Route> stats_routes(media::Media &media, Audience &audience)
{
    const auto stats = [&media, &audience](const Request &, Reply reply) {
        json::Array encoders;
        for (const char *codec : {"h264", "h264-low", "mjpeg"})
            if (const media::Encoder *e = media.encoder(codec))
                encoders.add(json::Object{}
                                 .add("codec", codec)
                                 .add("name", e->name())
                                 .add("age", age(e->ages())));
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
    return {{"GET", "/api/stream/stats", Role::User,
             "Tells how old pictures were, in ms, on each part of their way, and how each viewer "
             "fares",
             http::Call{stats}}};
}

} // namespace panto::api
