// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/control/board.h"
#include "lib/json/json.h"

#include <glib.h>
#include <memory>
#include <string>

namespace panto::control
{

/// Modes: how many watch H.264 in which way, told on the board as h264-mode-status.
///
/// Threads  main loop only
class Modes
{
public:
    using Use = std::shared_ptr<void>;

    explicit Modes(Board &board) : board_{board}
    {
        char *id = g_uuid_string_random();
        generation_ = id;
        g_free(id);
        tell();
    }

    /// One more viewer, until the Use dies; no Use may outlive the Modes.
    Use direct() { return count(direct_); }
    Use webrtc() { return count(webrtc_); }

private:
    Use count(unsigned &viewers)
    {
        ++viewers;
        tell();
        return Use{&viewers, [this](void *p) {
                       --*static_cast<unsigned *>(p);
                       tell();
                   }};
    }

    void tell()
    {
        board_.write("h264-mode-status", json::Object{}
                                             .add("generation", generation_)
                                             .add("revision", revision_++)
                                             .add("direct", direct_)
                                             .add("webrtc", webrtc_)
                                             .add("mixed", direct_ > 0 && webrtc_ > 0)
                                             .text());
    }

    Board &board_;
    std::string generation_;
    uint64_t revision_ = 0;
    unsigned direct_ = 0;
    unsigned webrtc_ = 0;
};

} // namespace panto::control
