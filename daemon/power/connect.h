// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/power/gpio.h"
#include "lib/base/gpio_line.h"

#include <functional>
#include <optional>
#include <vector>

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

/// Every chip of a machine that can be opened; `trouble`: why another one could not.
using Chips = std::vector<std::unique_ptr<Chip>>;
using Look = std::function<Chips(Result<> &trouble)>;
/// This machine's.
Chips chips_here(Result<> &trouble);

/// Seat: a wanted line, wherever its chip comes back.
///
/// A chip gets another number each time its driver lets it go and finds it again, for as long as
/// somebody has the former one open, and the next chip may get the number it had. So of a chip that
/// is wanted by number the number counts once: from the first request on it is the chip with that
/// label on that device, or none. A label, or a name without a chip, is looked for afresh.
///
/// Errors   NotFound: no such chip or line. Denied: no permission. Busy: somebody else's. Conflict:
///          a name that is there twice. Each message says what to do
/// Threads  any one at a time
class Seat
{
public:
    explicit Seat(GpioLine wanted, Look look = chips_here)
        : wanted_{std::move(wanted)}, look_{std::move(look)}
    {
    }

    /// Finds the line and requests it.
    Result<std::unique_ptr<Line>> connect(Use use);

private:
    struct Home {
        std::string device, label;
    };
    void settle(const Chip &chip);

    GpioLine wanted_;
    Look look_;
    std::optional<Home> home_; ///< of a chip that was wanted by number
};

/// Requests the line once.
Result<std::unique_ptr<Line>> connect(const GpioLine &wanted, Use use);

} // namespace panto::power::gpio
