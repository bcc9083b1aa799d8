// SPDX-License-Identifier: LGPL-2.1-or-later
/// Still pictures of the screen. Asked for without a wish it is the stream's own JPEG, which costs
/// nothing more while somebody watches that.
#include "daemon/api/rest/rest.h"

#include "daemon/api/rest/mjpeg.h"
#include "lib/base/split.h"

#include <charconv>

namespace panto::api
{

namespace
{

using http::Reply;
using http::Request;
using http::Role;

constexpr auto kLimit = std::chrono::seconds{5};

void answer(const Reply &reply, Result<std::string> picture, const std::string &type)
{
    const http::Headers headers{{"Cache-Control", "no-store"}};
    if (picture)
        return reply({200, type, std::move(*picture), headers});
    const Error &e = picture.error();
    reply({http::status_of(e.kind), "text/plain; charset=utf-8", e.message + "\n", headers,
           e.message});
}

/// A whole number from least to most.
Result<unsigned> number(const std::string &name, const std::string &text, unsigned least,
                        unsigned most)
{
    unsigned value = 0;
    const char *end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || rest != end || value < least || value > most)
        return Error{Kind::Invalid,
                     name + " must be " + std::to_string(least) + " to " + std::to_string(most)};
    return value;
}

Result<media::Region> region_of(const std::string &text)
{
    constexpr unsigned kMost = 1u << 15;
    const auto parts = split(text, ',');
    if (parts.size() != 4)
        return Error{Kind::Invalid, "region must be x,y,width,height in pixels"};
    media::Region r;
    unsigned *const to[] = {&r.x, &r.y, &r.width, &r.height};
    for (size_t i = 0; i < 4; ++i) {
        PANTO_TRY(n, number("each part of region", parts[i], 0, kMost));
        *to[i] = n;
    }
    return r;
}

/// The wish in the query; nothing when it holds none.
Result<std::optional<media::Shot>> wish_of(const Request &rq)
{
    media::Shot shot;
    bool any = false;
    for (const auto &[name, value] : rq.query) {
        if (name == "format") {
            if (value != "jpeg" && value != "png")
                return Error{Kind::Invalid, "format must be jpeg or png"};
            shot.format = value;
        } else if (name == "scale") {
            PANTO_TRY(percent, number("scale", value, 1, 100));
            shot.scale_percent = percent;
        } else if (name == "quality") {
            PANTO_TRY(quality, number("quality", value, 1, 100));
            shot.quality = quality;
        } else if (name == "region") {
            PANTO_TRY(region, region_of(value));
            shot.region = region;
        } else {
            continue; // cameras of home automations add one to keep caches away
        }
        any = true;
    }
    return any ? std::optional{shot} : std::nullopt;
}

} // namespace

std::vector<http::Route> snapshot_routes(media::Media &media, std::shared_ptr<Mjpeg> mjpeg)
{
    const auto take = [&media, mjpeg](const Request &rq, Reply reply) {
        auto wish = wish_of(rq);
        if (!wish)
            return answer(reply, std::move(wish.error()), "");
        const std::string type = *wish ? "image/" + (*wish)->format : "image/jpeg";
        const auto done = [reply, type](Result<std::string> picture) {
            answer(reply, std::move(picture), type);
        };
        if (!*wish && mjpeg && media.capture().enabled())
            return mjpeg->snapshot(kLimit, done);
        media.snapshots().take(wish->value_or(media::Shot{}), kLimit, done);
    };
    return {{"GET", "/api/stream/snapshot", Role::User,
             "Sends one picture: ?format=jpeg|png, scale=1..100 (percent), quality=1..100 (of "
             "JPEG), region=x,y,width,height (in pixels)",
             http::Call{take}}};
}

} // namespace panto::api
