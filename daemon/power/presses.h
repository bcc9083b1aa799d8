// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/result.h"

#include <chrono>
#include <functional>
#include <optional>
#include <vector>

namespace panto::power
{

/// No press is longer: a stuck power button is a server that turns itself off.
inline constexpr std::chrono::milliseconds kLongestPress = std::chrono::seconds{30};

/// Presses: buttons that are down for a time, and up again whatever comes.
///
/// Errors   Busy while the button is down, Invalid for another time than 1 ms..30 s, and what the
///          wire says. A wire that cannot let go is tried again until it can, after 20 ms at
///          first, after 320 ms at last
class Presses
{
public:
    using Time = std::chrono::steady_clock::time_point;
    using Wire = std::function<Result<>(bool down)>;
    struct Up {
        size_t button;
        Result<> outcome; ///< an Error when it may still be down
    };

    explicit Presses(std::vector<Wire> wires);

    Result<> press(size_t button, std::chrono::milliseconds hold, Time now);
    /// Lets go what has been down long enough, and says how that went, once for each press.
    std::vector<Up> let_go(Time now);
    /// Lets go what is down: their time is up.
    void end_all(Time now);
    /// When let_go() has something to do next.
    std::optional<Time> next() const;

private:
    struct Button {
        Wire wire;
        std::optional<Time> up_at; ///< set while it is down
        bool told = false;
        std::chrono::milliseconds pause{}; ///< before it is tried again
    };
    std::vector<Button> buttons_;
};

} // namespace panto::power
