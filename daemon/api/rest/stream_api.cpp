// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/api/rest/rest.h"

#include "daemon/api/rest/direct.h"
#include "daemon/api/rest/envelope.h"
#include "daemon/api/rest/mjpeg.h"
#include "daemon/api/rest/signaling.h"

#include <cstdlib>

namespace panto::api
{

namespace
{

using http::Request;
using http::Role;

constexpr size_t kMaxSignalingBytes = 128 * 1024;
constexpr size_t kMaxDirectMessageBytes = 64;
constexpr unsigned kMaxWindow = 8;

const http::Headers kMjpegHeaders = {
    {"Content-Type", "multipart/x-mixed-replace; boundary=frame"},
    {"Cache-Control", "no-cache"},
    {"Pragma", "no-cache"},
};

Direct::Wish wish(const Request &rq)
{
    Direct::Wish wish;
    if (const auto flow = rq.query.find("flow"); flow != rq.query.end())
        wish.window = unsigned(
            std::clamp<long>(std::strtol(flow->second.c_str(), nullptr, 10), 1, kMaxWindow));
    wish.times_of_capture = wants_time_of_capture(rq);
    return wish;
}

} // namespace

std::shared_ptr<Mjpeg> mjpeg_of(media::Media &media)
{
    media::Encoder *encoder = media.encoder("mjpeg");
    return encoder ? std::make_shared<Mjpeg>(*encoder) : nullptr;
}

std::vector<http::Route> stream_routes(media::Media &media, std::shared_ptr<Mjpeg> mjpeg,
                                       webrtc::Viewers &viewers, Audience &audience)
{
    std::vector<http::Route> routes;
    if (mjpeg) {
        const auto feed = [mjpeg, &audience](const Request &rq,
                                             std::unique_ptr<http::Stream> stream) {
            mjpeg->add(std::move(stream), rq, audience);
        };
        routes.push_back({"GET", "/api/stream/mjpeg", Role::User,
                          "Sends JPEG pictures without an end", http::Feed{feed}, kMjpegHeaders});
    }
    if (media::Encoder *encoder = media.encoder("h264")) {
        const auto direct = [encoder, &audience](const Request &rq,
                                                 std::unique_ptr<http::Socket> socket) {
            Direct::open(*encoder, audience, rq, wish(rq), std::move(socket));
        };
        const auto signaling = [&viewers, &audience](const Request &rq,
                                                     std::unique_ptr<http::Socket> socket) {
            Signaling::open(viewers, audience, rq, std::move(socket));
        };
        routes.push_back({"WS",
                          "/api/stream/h264",
                          Role::User,
                          "Sets up WebRTC video",
                          http::Open{signaling},
                          {},
                          kMaxSignalingBytes});
        routes.push_back({"WS",
                          "/api/stream/h264/direct",
                          Role::User,
                          "Sends H.264 access units",
                          http::Open{direct},
                          {},
                          kMaxDirectMessageBytes});
    }
    return routes;
}

} // namespace panto::api
