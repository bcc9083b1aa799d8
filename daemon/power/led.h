// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/power/gpio.h"
#include "lib/base/alive.h"
#include "lib/glib/source.h"

#include <functional>
#include <memory>
#include <string>

namespace panto::power
{

/// Led: a line that is read, and that says when it changes.
///
/// A line that tells edges is read at each, and every 5 s beside that, since a chip that goes says
/// nothing; another one 4 times a second; one that is not there is looked for every 5 s.
///
/// Drops    what changes and changes back within 20 ms: a disk's LED may flicker faster than
///          anybody could look
/// Errors   those of gpio::connect(), each time until the line is there; Unavailable before it was
///          read, and while its chip lets a reading wait longer than 2 s
/// Threads  main loop; the chip, whose bus may hang, is used on a worker thread, one use at a time
class Led
{
public:
    using Connect = std::function<Result<std::unique_ptr<gpio::Line>>(gpio::Use)>;

    /// `place` is what messages about it begin with; `connect` runs on worker threads.
    Led(std::string place, Connect connect);
    ~Led();

    /// Whether it was lit when it was read last.
    const Result<bool> &lit() const { return lit_; }

    std::function<void()> on_change; ///< it may be another now

private:
    struct Wire;
    struct Seen;

    void look(bool edges);
    void heard(Seen seen);
    void know(Result<bool> lit);
    void watch(int fd);

    std::string place_;
    std::shared_ptr<Wire> wire_;
    Result<bool> lit_;
    std::string told_; ///< why it cannot be read
    bool slow_told_ = false;
    Source edge_; ///< while no use of the line is under way
    Source next_; ///< the next look without an edge, or the time that one may take
    Self<Led> self_{this};
};

} // namespace panto::power
