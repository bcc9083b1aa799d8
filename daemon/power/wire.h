// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/power/gpio.h"

#include <functional>
#include <memory>
#include <string>

namespace panto::power
{

/// Wire: a button's line, requested low at first, so that nobody else takes it, and again after its
/// chip was gone.
///
/// Errors   those of its Connect, and what the line says
/// Threads  any one at a time
class Wire
{
public:
    using Connect = std::function<Result<std::unique_ptr<gpio::Line>>()>;
    /// Why the line cannot be had, or "": it can again.
    using Tell = std::function<void(const std::string &trouble)>;

    Wire(Connect connect, Tell tell) : connect_{std::move(connect)}, tell_{std::move(tell)} {}

    bool connected() const { return line_ != nullptr; }
    Result<> connect();
    /// That its chip is gone a line says only when it is written to: then it is requested anew and
    /// written to once more.
    Result<> set(bool down);

private:
    Result<> write(bool down);

    Connect connect_;
    Tell tell_;
    std::string trouble_; ///< as it was told
    std::unique_ptr<gpio::Line> line_;
};

} // namespace panto::power
