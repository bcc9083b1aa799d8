// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/webrtc/flight.h"
#include "daemon/webrtc/reports.h"
#include "lib/base/ages.h"

#include <functional>
#include <memory>
#include <mutex>

namespace panto::webrtc
{

/// Path: the way to one peer: the packets that leave for it, and what its reports say of them.
///
/// Threads  watch() on the main loop, what it starts on webrtcbin's threads, the rest on any
class Path
{
public:
    /// What the peer's RTCP has said.
    struct Heard {
        Time last{}; ///< when any came
        std::optional<std::chrono::microseconds> round_trip;
        std::optional<Sample> sample; ///< the last that was enough to tell
    };

    /// Watches the packets that come out of `packets`, from now on; webrtcbin is where they go to.
    /// on_sample runs on one of webrtcbin's threads.
    static std::shared_ptr<Path> watch(GstElement *packets, GstElement *webrtcbin, uint32_t ssrc,
                                       std::function<void(const Sample &)> on_sample);

    Heard heard() const;
    /// How old pictures were when their last packet left for the network.
    const Ages &ages() const { return ages_; }

private:
    Path(uint32_t ssrc, std::function<void(const Sample &)> on_sample);
    void packet_sent(GstBuffer *packet);
    void report_sent(GstBuffer *rtcp);
    void report_came(GstBuffer *rtcp);

    const uint32_t ssrc_;
    const std::function<void(const Sample &)> on_sample_;
    Ages ages_;
    mutable std::mutex mutex_; ///< packets, reports of ours and those of the peer meet here
    Flight flight_;
    RoundTrip round_trip_;
    Heard heard_;
};

} // namespace panto::webrtc
