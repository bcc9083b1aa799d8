// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace panto
{

/// Everything the virtual computer's screen shows; the screen is redrawn where two scenes differ.
struct Scene {
    /// Where a mouse button was pressed; buttons is the one hid::Button bit.
    struct Mark {
        int x, y;
        uint8_t button;
        bool operator==(const Mark &) const = default;
    };
    struct Pointer {
        bool visible = false;
        int x = 0;
        int y = 0;
        uint8_t buttons = 0; ///< held down now
        bool operator==(const Pointer &) const = default;
    };

    std::vector<std::string> rows; ///< ASCII
    int caret_row = -1;            ///< -1: none
    int caret_column = 0;
    bool power = false;
    bool disk = false;
    uint8_t leds = 0;   ///< hid::Led bits
    std::string medium; ///< "" is none
    std::string held;   ///< names of the keys that are down
    int wheel = 0;      ///< sum of all steps
    Pointer pointer;
    std::vector<Mark> marks;
};

} // namespace panto
