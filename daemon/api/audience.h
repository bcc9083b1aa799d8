// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/control/modes.h"
#include "daemon/http/request.h"
#include "daemon/webrtc/viewers.h"
#include "lib/base/clock.h"
#include "lib/base/sent.h"
#include "lib/json/json.h"

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>

namespace panto::api
{

/// Whose the WebRTC viewer is that a request begins.
inline webrtc::Viewers::Whose whose(const http::Request &rq)
{
    return {rq.principal.user, rq.principal.user + "@" + rq.address,
            rq.principal.role == http::Role::Admin};
}

/// Audience: everybody who gets the picture, by whichever way, and how they fare. How many watch
/// H.264 is told on the board.
///
/// Threads  main loop only
class Audience
{
public:
    enum class Way { WebRtc, Direct, Mjpeg };
    /// Whose viewer it is, and what its page calls it, by ?viewer=; "" when that is no name.
    struct Who {
        std::string user, token, name;
        explicit Who(const http::Request &rq);
    };
    /// What a page knows of its picture, and nobody else: all there were since it began, and how
    /// old the last were, in us since their capture; 0: not known.
    struct Told {
        unsigned decoded = 0, dropped = 0, decode_p50 = 0, decode_p95 = 0, decode_p99 = 0;
        unsigned presented = 0, present_p50 = 0, present_p95 = 0, present_p99 = 0;
    };
    /// Adds what the way knows of this viewer.
    using Figures = std::function<void(json::Object &viewer)>;
    /// Gives the place back when it dies, which is before the Audience.
    using Place = std::shared_ptr<void>;

    explicit Audience(control::Board &board) : modes_{board} {}

    /// From now on somebody gets the picture. Who has a name that nobody else has is known by it.
    Place enter(Way way, const Who &who, Figures figures);
    /// How each of them fares.
    json::Array viewers() const;
    /// Takes what a page tells of its viewer, which tells from now on.
    /// Errors   NotFound: nobody of the session has that name
    Result<> take(const std::string &name, const std::string &token, const Told &told);

private:
    struct Seat {
        std::string id;
        Way way;
        std::string user, token;
        Figures figures;
        control::Modes::Use counted; // those that watch H.264
        Time since = steady_now();
        std::optional<Told> told = {};
    };

    control::Modes modes_;
    std::list<Seat> seats_;
    uint64_t last_id_ = 0;
};

/// In ms since the capture; `pictures` are all that got there, the others of the last 512; `newest`
/// is how old the last one is by now.
json::Object age(const Ages::Quantiles &q, uint64_t pictures);
inline json::Object age(const Ages &ages)
{
    return age(ages.read(), ages.count());
}

/// What every way tells.
void add_sent(json::Object &viewer, const Sent &sent, const json::Object &dropped);
/// What WebRTC tells.
void add_figures(json::Object &viewer, const webrtc::Figures &figures);

} // namespace panto::api
