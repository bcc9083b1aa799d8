// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/http/stream.h"
#include "daemon/media/media.h"
#include "daemon/media/relay.h"
#include "lib/base/done.h"

#include <list>
#include <memory>
#include <string>

namespace panto::api
{

/// Mjpeg: JPEG pictures to any number of streams, each made once for all of them.
///
/// The head of the next part follows each picture at once: browsers paint a part only when they
/// see its end.
///
/// Threads  main loop only
class Mjpeg
{
public:
    explicit Mjpeg(media::Encoder &encoder) : encoder_{encoder} {}

    void add(std::unique_ptr<http::Stream> stream);
    /// The next picture; Timeout when none comes within the limit.
    void snapshot(std::chrono::milliseconds limit, Done<std::string> done);
    size_t viewers() const { return streams_.size(); }

private:
    struct Waiting {
        Done<std::string> done;
        Source limit;
    };
    void start();
    void frame(GstSample *sample);
    void give_up(std::list<Waiting>::iterator at);

    media::Encoder &encoder_;
    std::shared_ptr<media::Relay> relay_;
    media::Encoder::Watch watch_;
    std::list<std::unique_ptr<http::Stream>> streams_;
    std::list<Waiting> waiting_;
    std::string last_picture_;
    http::Stream::Part last_part_;
};

} // namespace panto::api
