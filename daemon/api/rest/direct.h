// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/api/audience.h"
#include "daemon/http/socket.h"
#include "daemon/media/media.h"
#include "daemon/media/relay.h"
#include "daemon/observe/tally.h"

#include <deque>
#include <memory>
#include <optional>

namespace panto::api
{

/// Direct: H.264 access units over a WebSocket, `[key u8][microseconds u64 LE][Annex B]`.
///
/// With flow control at most `window` units are on the way; the client acknowledges with
/// `02` + u64 LE time and asks to start over with `03`. After a full window it goes on with a key
/// frame. Without flow control nothing more is sent once the socket has been full for half a
/// second.
///
/// A unit's time is that since the first one of the connection, or that of its capture, by
/// CLOCK_MONOTONIC, for who wishes so.
///
/// Owner    itself, until the peer goes
/// Threads  main loop only
class Direct
{
public:
    struct Wish {
        unsigned window = 0; ///< 0: no flow control
        bool times_of_capture = false;
    };
    static void open(media::Encoder &encoder, Audience &audience, const http::Request &rq,
                     Wish wish, std::unique_ptr<http::Socket> socket);

private:
    Direct(media::Encoder &encoder, Wish wish, std::unique_ptr<http::Socket> socket);
    void frame(GstSample *sample, size_t lost);
    void tell(json::Object &viewer) const;
    void message(std::span<const uint8_t> message);
    void wait_for_key_frame();
    bool is_behind();

    media::Encoder &encoder_;
    const Wish wish_;
    std::unique_ptr<http::Socket> socket_;
    std::shared_ptr<media::Relay> relay_;
    media::Encoder::Watch watch_;
    std::deque<uint64_t> on_the_way_;
    std::optional<uint64_t> first_us_; // what times count from
    std::optional<Time> full_since_;   // the socket; without flow control
    bool had_one_ = false;             // unit
    bool at_key_frame_ = false;
    bool asked_ = false;     // for a key frame
    observe::Tally ignored_; // messages of this client that mean nothing
    Sent sent_;
    struct {
        uint64_t queue_full = 0;         // as the main loop was late
        uint64_t window_full = 0;        // as the peer had not acknowledged enough
        uint64_t socket_full = 0;        // as the peer took nothing; without flow control
        uint64_t awaiting_key_frame = 0; // one of the others was, or the peer asked to start over
    } dropped_;                          // pictures
    Audience::Place place_;
};

} // namespace panto::api
