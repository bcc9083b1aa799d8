// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/webrtc/flight.h"

#include <optional>
#include <string>
#include <vector>

namespace panto::webrtc
{

/// Rate: what the way to one peer is thought to bear.
///
/// All, until reports show that it does not: a tenth of the packets lost, or packets that are under
/// way for longer than at best, twice in a row or by much. Then it is what arrived, and a bit less,
/// so that the queue in the network runs empty. It grows again while reports are good: slowly up to
/// where it failed and a little beyond, more slowly for each time that it fails there; quickly
/// after that, while so much is really sent; and slowly while more is a guess.
///
/// Units    kbit/s
/// Threads  one at a time; time comes from outside
class Rate
{
public:
    explicit Rate(unsigned ceiling) : kbps_{double(ceiling)}, ceiling_{ceiling} {}

    void take(const Sample &sample, Time now);
    /// Another ceiling: what bore the former one is thought to bear this one, too.
    void ceiling(unsigned kbps);
    unsigned kbps() const { return unsigned(kbps_); }
    /// Why it is below the ceiling, for people; "" when it is not.
    const std::string &reason() const { return reason_; }

private:
    std::string trouble(const Sample &sample);
    void shrink(const Sample &sample, Time now);
    void grow(const Sample &sample, Time now);

    double kbps_;
    unsigned ceiling_;
    std::string reason_;
    std::optional<std::chrono::milliseconds> shortest_; ///< that packets were under way
    bool queued_ = false; ///< the sample before showed a queue on the way
    std::optional<Time> last_, shrunk_;
    double failed_ = 0;   ///< what arrived when it was too much
    double patience_ = 1; ///< by how much it grows more slowly than at first
};

enum class Tier { Full, Low };

/// Which stream a viewer gets, and what its way bears.
struct Watching {
    Tier tier = Tier::Full;
    unsigned kbps = 0;
};

/// What the encoders are to make, and who gets which of them, in the order of the viewers.
struct Plan {
    unsigned full_kbps = 0;
    unsigned low_kbps = 0;
    std::vector<Tier> tiers;
};

/// The full stream is made for the viewer with the best way; who cannot keep up with it gets the
/// low one, which is made for the worst of those. So nobody slows a better one, and a viewer who is
/// alone needs no second stream.
///
/// others: whether anybody else watches the full stream, whose way is not known
Plan plan(const std::vector<Watching> &viewers, bool others, unsigned full_ceiling,
          unsigned low_ceiling);

} // namespace panto::webrtc
