// SPDX-License-Identifier: LGPL-2.1-or-later
/// GPIO lines as people write them into a configuration.
#pragma once

#include "lib/base/result.h"

#include <string>

namespace panto
{

/// Which wire a button or a LED is on. Either chip and offset, or a name, with or without its chip.
struct GpioLine {
    std::string chip; ///< "gpiochip0", "/dev/gpiochip0" or a label; "" is every chip
    std::string name; ///< "" when the offset says which
    unsigned offset = 0;
    bool active_low = false;

    bool operator==(const GpioLine &) const = default;
};

/// Reads "gpiochip0/3", "gpiochip0/power-led" or "power-led", and " active-low" behind any of them.
Result<GpioLine> parse_gpio_line(const std::string &text);

} // namespace panto
