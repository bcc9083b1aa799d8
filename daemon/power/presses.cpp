// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/power/presses.h"

#include <algorithm>

namespace panto::power
{

namespace
{

using namespace std::chrono_literals;

constexpr auto kTryAgain = 20ms, kSlowest = 320ms; // each try looks at every chip there is

} // namespace

Presses::Presses(std::vector<Wire> wires)
{
    for (Wire &wire : wires)
        buttons_.push_back({std::move(wire), {}});
}

Result<> Presses::press(size_t button, std::chrono::milliseconds hold, Time now)
{
    if (button >= buttons_.size() || hold < 1ms || hold > kLongestPress)
        return Error{Kind::Invalid, "no such press"};
    Button &b = buttons_[button];
    if (b.up_at)
        return Error{Kind::Busy, "the button is already held"};
    if (auto down = b.wire(true); !down) {
        (void)b.wire(false); // it may have gone down before it failed
        return down;
    }
    b.up_at = now + hold;
    b.told = false;
    b.pause = kTryAgain;
    return ok;
}

std::vector<Presses::Up> Presses::let_go(Time now)
{
    std::vector<Up> out;
    for (size_t i = 0; i < buttons_.size(); ++i) {
        Button &b = buttons_[i];
        if (!b.up_at || *b.up_at > now)
            continue;
        auto up = b.wire(false);
        if (up)
            b.up_at.reset();
        else
            b.up_at = now + std::exchange(b.pause, std::min(2 * b.pause, kSlowest));
        if (!std::exchange(b.told, true))
            out.push_back({i, std::move(up)});
    }
    return out;
}

void Presses::end_all(Time now)
{
    for (Button &b : buttons_)
        if (b.up_at)
            b.up_at = std::min(*b.up_at, now);
}

std::optional<Presses::Time> Presses::next() const
{
    std::optional<Time> out;
    for (const Button &b : buttons_)
        if (b.up_at && (!out || *b.up_at < *out))
            out = b.up_at;
    return out;
}

} // namespace panto::power
