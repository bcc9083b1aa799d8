// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/clock.h"

#include <array>
#include <cstdint>
#include <optional>

namespace panto::webrtc
{

/// How the packets of some half a second or more fared, as the peer reported.
struct Sample {
    Time first{};                         ///< when the first of them was sent
    unsigned packets = 0;                 ///< how many the report tells of
    double lost = 0;                      ///< share of them that did not arrive, 0..1
    unsigned sent_kbps = 0;               ///< sent meanwhile
    unsigned arrived_kbps = 0;            ///< arrived meanwhile
    std::chrono::milliseconds overdue{0}; ///< for how long the oldest of several is on its way
};

/// Flight: the packets of one stream that are on their way to a peer.
///
/// A receiver report names the highest sequence number that has arrived, so the packet after that
/// is still under way: for how long already shows a queue in the network as soon as one fills, and
/// needs neither the peer's clock nor a sender report that got through the same queue.
///
/// Source   RFC 3550 section 6.4.1
/// Threads  one at a time; time comes from outside
class Flight
{
public:
    /// A packet leaves; the numbers follow one another.
    void sent(uint16_t sequence, size_t bytes, Time now);

    /// What a report tells: the highest number that came, with or without its cycles, and all that
    /// were lost since the beginning. Nullopt until half a second has passed, or when the number is
    /// none that was sent lately.
    std::optional<Sample> reported(uint32_t highest, int32_t lost, Time now);

private:
    static constexpr size_t kKept = 4096; // packets: 5 s of 8 Mbit/s
    struct Packet {
        Time at{};
        uint64_t bytes = 0; ///< of all up to this one
    };
    /// What the report before said, and what was sent until then.
    struct Base {
        uint16_t highest;
        int32_t lost;
        uint64_t reached; ///< bytes up to the highest
        uint64_t sent;    ///< bytes
        Time at;
    };
    const Packet &packet(uint16_t sequence) const { return packets_[sequence % kKept]; }

    std::array<Packet, kKept> packets_{};
    uint16_t last_ = 0;
    size_t count_ = 0; ///< of all that were sent
    std::optional<Base> base_;
};

} // namespace panto::webrtc
