// SPDX-License-Identifier: LGPL-2.1-or-later
/// HeldPointer: remembers in a file that a button of the absolute pointer is down, for the process
/// after one that was killed: a report that lets go moves the pointer, and so must know where to.
///
/// The file holds the report that pressed and is there as long as something is down. It need not
/// outlive a power cut, by which the computer lets go itself.
///
/// Errors   a file that cannot be written is no memory, and no reason not to press
/// Threads  main loop only
#pragma once

#include "lib/usbhid/report.h"

#include <optional>
#include <span>
#include <string>

namespace panto::app
{

class HeldPointer
{
public:
    explicit HeldPointer(std::string file) : file_{std::move(file)} {}

    /// A report to the absolute pointer.
    void note(std::span<const uint8_t> report);
    /// What lets go of that which was down when this process, or the one before, last noted it.
    std::optional<hid::AbsoluteReport> released() const;

private:
    std::string file_;
    std::optional<bool> down_; // nothing: the process before may have left something
};

} // namespace panto::app
