// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/fd.h"
#include "lib/virtual/computer.h"

#include <optional>

namespace panto
{

/// LedWatch: tells when the virtual computer's LEDs change, as real ones do: by a descriptor.
///
/// Threads  look() and the end of it on one thread; the computer may be used on any
class LedWatch
{
public:
    explicit LedWatch(VirtualComputer &computer);
    ~LedWatch();
    LedWatch(const LedWatch &) = delete;
    LedWatch &operator=(const LedWatch &) = delete;

    /// Readable until look() is called: at first, and whenever the LEDs may not be what it gave
    /// last.
    int fd() const { return timer_.get(); }
    VirtualComputer::Leds look();

private:
    friend struct VirtualComputer::Machine;

    VirtualComputer &computer_;
    Fd timer_;
    std::optional<VirtualComputer::Leds> seen_; // this and the next under the computer's lock
    Time rings_ = Time::max();
};

} // namespace panto
