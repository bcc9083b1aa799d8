// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/clock.h"

#include <array>
#include <cstdint>
#include <gst/gst.h>
#include <optional>

namespace panto::webrtc
{

/// What a peer's RTCP says of one stream of ours.
///
/// Source   RFC 3550 section 6.4.1
struct Report {
    uint32_t highest = 0;  ///< sequence number that came, with its cycles in the upper half
    int32_t lost = 0;      ///< packets since the beginning
    uint32_t last_sr = 0;  ///< the middle of the NTP time in our last report that came; 0: none did
    uint32_t since_sr = 0; ///< what passed at the peer since then, in 1/65536 s
};

/// The block about that stream in a compound packet; nullopt where there is none, or it is no RTCP.
std::optional<Report> read_report(GstBuffer *rtcp, uint32_t ssrc);

/// The middle 32 bits of the NTP time in our own sender report; nullopt where there is none.
std::optional<uint32_t> read_sent_report(GstBuffer *rtcp);

/// RoundTrip: the time to a peer and back, by our reports that its reports tell of.
///
/// Our own clock says when each left, so it does not matter which time they carry.
///
/// Threads  one at a time; time comes from outside
class RoundTrip
{
public:
    void sent(uint32_t middle, Time now);
    /// Nullopt when the peer knows of none of our last reports, or claims to have had it for longer
    /// than it is out.
    std::optional<std::chrono::microseconds> reported(const Report &report, Time now) const;

private:
    struct Sent {
        uint32_t middle = 0;
        Time at{};
    };
    std::array<Sent, 16> sent_{};
    size_t next_ = 0;
};

} // namespace panto::webrtc
