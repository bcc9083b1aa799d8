// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/power/led.h"

#include "daemon/observe/log.h"

#include <cerrno>

namespace panto::power
{

namespace
{

using namespace std::chrono_literals;

constexpr auto kRest = 20ms;
constexpr auto kSlowLook = 250ms;
constexpr auto kLookForIt = 5s;

/// Whether the line is there, only not able to tell edges. Chips without interrupts answer in
/// several ways.
bool knows_no_edges(const Error &e)
{
    return e.code == ENODEV || e.code == ENXIO || e.code == EOPNOTSUPP || e.code == EINVAL;
}

} // namespace

Led::Led(std::string place, GpioLine line) : place_{std::move(place)}, wanted_{std::move(line)}
{
    if (auto there = connect(); !there)
        lose(there.error());
}

void Led::lose(const Error &why)
{
    log_warning("power", place_ + ": " + why.message);
    line_.reset();
    edge_ = every(kLookForIt, [this] {
        if (connect())
            changed();
    });
}

Result<> Led::connect()
{
    auto line = gpio::connect(wanted_, gpio::Use::Edges);
    if (!line && knows_no_edges(line.error())) {
        line = gpio::connect(wanted_, gpio::Use::Input);
        if (line && !std::exchange(slow_told_, true))
            log_message("power", place_ + ": the chip has no interrupt: read 4 times a second");
    }
    if (!line)
        return std::move(line.error());
    line_ = std::move(*line);
    watch();
    return ok;
}

void Led::watch()
{
    if (line_->fd() < 0)
        edge_ = every(kSlowLook, [this] { changed(); });
    else
        edge_ = readable(line_->fd(), [this] {
            line_->take_edges();
            edge_ = after(kRest, [this] {
                watch(); // first: an edge that comes now is seen
                changed();
            });
            changed();
        });
}

void Led::changed()
{
    if (on_change)
        on_change();
}

Result<bool> Led::read()
{
    if (!line_)
        if (auto there = connect(); !there)
            return std::move(there.error()).context(place_);
    auto lit = line_->read();
    if (!lit) { // gone with its chip
        lose(lit.error());
        return std::move(lit.error()).context(place_);
    }
    return lit;
}

} // namespace panto::power
