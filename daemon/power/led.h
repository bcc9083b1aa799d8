// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/power/connect.h"
#include "lib/glib/source.h"

#include <functional>
#include <memory>
#include <string>

namespace panto::power
{

/// Led: a line that is read, and that says when it changes.
///
/// Drops    what changes and changes back within 20 ms: a disk's LED may flicker faster than
///          anybody could look
/// Errors   those of gpio::connect(), each time until the line is there
/// Threads  main loop only
class Led
{
public:
    /// `place` is what messages about it begin with.
    Led(std::string place, GpioLine line);

    /// Whether it is lit.
    Result<bool> read();

    std::function<void()> on_change; ///< it may be another now

private:
    Result<> connect();
    void lose(const Error &why);
    void watch();
    void changed();

    std::string place_;
    GpioLine wanted_;
    std::unique_ptr<gpio::Line> line_;
    Source edge_; ///< the next edge, the end of the rest after one, or the next look
    bool slow_told_ = false;
};

} // namespace panto::power
