// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/virtual/machine.h"

namespace panto
{

/// One who has the machine, as it is now; whoever watches its LEDs is told afterwards.
struct VirtualComputer::Locked {
    explicit Locked(Machine &m) : lock{m.mutex}, machine{m} { machine.advance(); }
    ~Locked() { machine.tell(); }

    std::lock_guard<std::mutex> lock;
    Machine &machine;
};

} // namespace panto
