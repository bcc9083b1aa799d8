// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/power/led.h"

#include "daemon/observe/log.h"
#include "lib/glib/offload.h"

#include <cerrno>

namespace panto::power
{

namespace
{

using namespace std::chrono_literals;

constexpr auto kRest = 20ms;
constexpr auto kSlowLook = 250ms;
constexpr auto kLookForIt = 5s;
constexpr auto kPatience = 2s;

/// Whether the line is there, only not able to tell edges. Chips without interrupts answer in
/// several ways.
bool knows_no_edges(const Error &e)
{
    return e.code == ENODEV || e.code == ENXIO || e.code == EOPNOTSUPP || e.code == EINVAL;
}

} // namespace

struct Led::Seen {
    Result<bool> lit;
    int fd; ///< readable at the next edge; -1: the chip tells none
};

/// The line, on worker threads.
struct Led::Wire {
    Connect connect;
    std::unique_ptr<gpio::Line> line;

    Result<> request()
    {
        auto got = connect(gpio::Use::Edges);
        if (!got && knows_no_edges(got.error()))
            got = connect(gpio::Use::Input);
        if (!got)
            return std::move(got.error());
        line = std::move(*got);
        return ok;
    }
    /// `edges`: there are some to take, else that would wait for one.
    Seen look(bool edges)
    {
        if (!line)
            if (auto there = request(); !there)
                return {std::move(there.error()), -1};
        if (edges)
            line->take_edges(); // first: one that comes now is seen
        auto lit = line->read();
        if (!lit) // gone with its chip
            line.reset();
        return {std::move(lit), line ? line->fd() : -1};
    }
};

Led::Led(std::string place, Connect connect)
    : place_{std::move(place)}, wire_{std::make_shared<Wire>(Wire{std::move(connect), {}})},
      lit_{Error{Kind::Unavailable, place_ + ": it has not been read yet"}}
{
    look(false);
}

Led::~Led()
{
    offload(Lane::Devices, [wire = std::move(wire_)] {}); // giving a line back may use the bus, too
}

void Led::look(bool edges)
{
    edge_ = {}; // whose fd the worker may close
    next_ = after(kPatience, [this] {
        know(Error{Kind::Unavailable, "its chip does not answer: see whether its bus hangs"});
    });
    offload(
        Lane::Devices, [wire = wire_, edges] { return wire->look(edges); },
        [weak = self_.weak()](Seen seen) {
            if (auto *self = alive(weak))
                self->heard(std::move(seen));
        });
}

void Led::heard(Seen seen)
{
    if (!seen.lit)
        next_ = after(kLookForIt, [this] { look(false); });
    else if (seen.fd < 0)
        next_ = after(kSlowLook, [this] { look(false); });
    else
        next_ = after(kRest, [this, fd = seen.fd] { watch(fd); });
    if (seen.lit && seen.fd < 0 && !std::exchange(slow_told_, true))
        log_message("power", place_ + ": the chip has no interrupt: read 4 times a second");
    know(std::move(seen.lit));
}

void Led::watch(int fd)
{
    edge_ = readable(fd, [this] { look(true); });
    next_ = after(kLookForIt, [this] { look(false); });
}

void Led::know(Result<bool> lit)
{
    const std::string why = lit ? "" : lit.error().message;
    if (std::exchange(told_, why) != why) {
        if (lit)
            log_message("power", place_ + ": the line is there now");
        else
            log_warning("power", place_ + ": " + why);
    }
    lit_ = lit ? std::move(lit) : std::move(lit.error()).context(place_);
    if (on_change)
        on_change();
}

} // namespace panto::power
