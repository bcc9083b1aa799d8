// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/power/gpio.h"
#include "lib/base/gpio_line.h"

namespace panto::power::gpio
{

/// Where a wanted line is, and who uses it: a program's word for itself, or "".
struct Spot {
    std::string chip;
    unsigned offset;
    std::string user;
};

/// Finds the line without requesting it. Errors as connect(), but for Busy.
Result<Spot> locate(const GpioLine &wanted);

/// Finds the line on this machine's chips and requests it.
///
/// Errors   NotFound: no such chip or line. Denied: no permission. Busy: somebody else's. Conflict:
///          a name that is there twice. Each message says what to do
Result<std::unique_ptr<Line>> connect(const GpioLine &wanted, Use use);

} // namespace panto::power::gpio
