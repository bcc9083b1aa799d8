// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/media/capture.h"
#include "daemon/media/library.h"
#include "daemon/media/relay.h"
#include "lib/base/done.h"

#include <chrono>
#include <list>
#include <map>
#include <optional>
#include <string>

namespace panto::media
{

/// A part of the screen, in its pixels.
struct Region {
    unsigned x = 0, y = 0, width = 0, height = 0;
};

/// What one still picture is to be like.
struct Shot {
    std::string format = "jpeg";  ///< or png
    unsigned scale_percent = 100; ///< of the screen's size, or of the region's
    unsigned quality = 90;        ///< of JPEG, 1 to 100
    std::optional<Region> region; ///< all of the screen when there is none
};

/// Snapshots: still pictures of the captured screen, each made for who asks for it.
///
/// Errors   Invalid for a region that is not on the screen; Unavailable when nothing here makes
///          that format; Busy while four others are made; Timeout when no picture comes in time
/// Threads  main loop; the picture is made on a streaming thread
class Snapshots
{
public:
    Snapshots(const Library &library, Capture &capture);

    /// The picture's number; 0: it was refused.
    uint64_t take(const Shot &shot, std::chrono::milliseconds limit, Done<std::string> done);
    /// Ends the wait for it, if that is not over.
    void cancel(uint64_t number, const std::string &why);

private:
    struct Taking {
        uint64_t number = 0;
        Shot shot;
        Done<std::string> done;
        Demand::Use use;
        std::shared_ptr<Relay> raw, made; // the captured picture, and what became of it
        Tap::Subscription pixels, decoded, out;
        std::shared_ptr<Tap> encoded;
        std::unique_ptr<Pipeline> pipeline;
        Source limit, ended;
    };
    using At = std::list<Taking>::iterator;

    std::optional<Error> refusal(const Shot &shot) const;
    void captured(At at, GstSample *sample);
    Result<> make(At at, GstSample *sample);
    void end(At at, Result<std::string> result);

    std::map<std::string, Result<config::PipelineFile>> files_;
    Capture &capture_;
    std::list<Taking> taking_;
    uint64_t taken_ = 0;
};

} // namespace panto::media
