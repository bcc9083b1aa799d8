// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/power/wire.h"

#include <cerrno>

namespace panto::power
{

Result<> Wire::connect()
{
    if (line_)
        return ok;
    auto line = connect_();
    const std::string trouble = line ? "" : line.error().message;
    if (std::exchange(trouble_, trouble) != trouble)
        tell_(trouble);
    if (!line)
        return std::move(line.error());
    line_ = std::move(*line);
    return ok;
}

Result<> Wire::write(bool down)
{
    if (auto there = connect(); !there)
        return there;
    auto written = line_->write(down);
    if (!written)
        line_.reset(); // its chip may be another one when it comes back
    return written;
}

Result<> Wire::set(bool down)
{
    auto written = write(down);
    return !written && written.error().code == ENODEV ? write(down) : written;
}

} // namespace panto::power
