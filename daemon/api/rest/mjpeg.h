// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/api/audience.h"
#include "daemon/http/fanout.h"
#include "daemon/media/media.h"
#include "daemon/media/relay.h"
#include "lib/base/done.h"

#include <list>
#include <memory>
#include <string>

namespace panto::api
{

/// Whether each picture of a stream, of whichever kind, is to come with its time of capture:
/// ?time=capture.
bool wants_time_of_capture(const http::Request &rq);

/// Mjpeg: JPEG pictures to any number of streams, each made once for all of them.
///
/// A picture goes from the encoder's thread to the fan-out's, past the main loop, and is not copied
/// on its way. The head of the next part follows each picture at once: browsers paint a part only
/// when they see its end.
///
/// Threads  main loop only
class Mjpeg
{
public:
    explicit Mjpeg(media::Encoder &encoder);

    /// The request says which browser it is, for what some of them need.
    void add(std::unique_ptr<http::Stream> stream, const http::Request &rq, Audience &audience);
    /// The picture that viewers have now, else the next; Timeout when none comes within the limit.
    void snapshot(std::chrono::milliseconds limit, Done<std::string> done);

private:
    struct Waiting {
        Done<std::string> done;
        Source limit;
    };
    /// One who gets pictures, wherever that is.
    struct Watcher {
        std::shared_ptr<media::Relay> relay;
        media::Encoder::Watch watch;
    };
    void wait(std::chrono::milliseconds limit, Done<std::string> done);
    void take(GstSample *sample);
    void give_up(std::list<Waiting>::iterator at);

    media::Encoder &encoder_;
    http::Fanout fanout_;
    Watcher streaming_, shooting_;
    std::list<Waiting> waiting_; // for a snapshot
    Self<Mjpeg> self_{this};
};

} // namespace panto::api
