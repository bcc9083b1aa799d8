// SPDX-License-Identifier: LGPL-2.1-or-later
/// Signal: what the computer's video output is doing, in figures and in words.
#pragma once

#include <string>

namespace panto::kvm
{

enum class State {
    Ok,         ///< frames arrive
    NoCable,    ///< nothing is plugged in
    NoSignal,   ///< plugged in, but the computer sends nothing: off, asleep, or another output
    NoSync,     ///< something arrives that the receiver cannot lock to
    OutOfRange, ///< a mode the receiver cannot take
    Stalled,    ///< the signal is fine, yet no frame came for 0.4 s
    DeviceLost, ///< the capture device is gone; we wait for it
    Busy,       ///< another program holds the capture device; we wait for it
};

struct Rate {
    unsigned numerator = 0;
    unsigned denominator = 1;
    bool operator==(const Rate &) const = default;
};

struct Signal {
    State state = State::NoSignal;
    unsigned width = 0; ///< size and rate are zero unless state is Ok
    unsigned height = 0;
    Rate rate;
    bool interlaced = false;
    std::string limit;   ///< the most that the receiver takes, if it said so; for OutOfRange
    std::string problem; ///< what the device did instead of sending; for OutOfRange and Stalled
    bool operator==(const Signal &) const = default;
};

/// The word for a state, as in the kvm-signal message: "ok", "no-cable", ...
const char *name(State state);

/// What the drawn frame and the kvm-signal message say: what is wrong, and what a person can do
/// about it. Both are empty for State::Ok.
struct Notice {
    std::string reason;
    std::string cure;
    bool operator==(const Notice &) const = default;
};
Notice notice(const Signal &signal, const std::string &device);

} // namespace panto::kvm
