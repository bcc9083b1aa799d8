// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace panto::hid
{

/// Node: how the way to the computer through one device node fares.
struct Node {
    std::string state;    ///< online, asleep, offline or gone
    uint64_t sent = 0;    ///< reports that the computer has taken,
    uint64_t dropped = 0; ///< and those given up, since the input pipeline began
    uint64_t waiting = 0; ///< reports that it has yet to take
};

/// By their paths.
using Nodes = std::map<std::string, Node>;

} // namespace panto::hid
