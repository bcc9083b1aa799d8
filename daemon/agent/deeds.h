// SPDX-License-Identifier: LGPL-2.1-or-later
/// What a program may wish of keyboard and pointer, as the steps that do it.
///
/// Source   the NanoKVM server's MCP tools; W3C UI Events KeyboardEvent code values
/// Threads  pure functions
#pragma once

#include "daemon/agent/hands.h"

#include <utility>

namespace panto::agent
{

using Steps = std::deque<Hands::Step>;

struct Typing {
    Steps steps;
    size_t typed = 0;                 ///< characters
    std::vector<std::string> skipped; ///< each character that the layout cannot type, as often as
                                      ///< it is there
};

/// A text on a US keyboard. Kind::Invalid: no UTF-8, too long, or it would take more than 30 s.
Result<Typing> typing(const std::string &text, std::chrono::milliseconds delay);

/// The HID usage of a DOM code or one of its short names, in any case: "KeyA", "a", "ctrl", "esc";
/// 0 when there is none.
uint8_t usage_for_name(std::string_view name);
/// Keys held together. Kind::Invalid: a name that is none, or more keys than a report holds.
Result<Steps> key_press(const std::vector<std::string> &names, std::chrono::milliseconds hold);

/// A place on the screen, 0..1 from its left and its upper edge.
struct Place {
    double x = 0;
    double y = 0;
};
Steps move_to(Place place);
/// Counts of the pointer, as many reports as that takes.
Steps move_by(int dx, int dy);
/// Presses a button where the pointer is, or at a place.
Steps clicks(uint8_t button, unsigned count, const std::optional<Place> &place);
/// Notches of the wheel, +1 is down as on a web page.
Steps scroll(int notches);

} // namespace panto::agent
