// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/result.h"

#include <cstddef>
#include <cstdint>
#include <functional>

namespace panto::hid
{

/// Cable: what is known of the way to the computer, for whoever types and has to say how that went.
struct Cable {
    /// Key reports on their way that the computer has yet to take.
    std::function<size_t()> waiting = [] { return size_t{0}; };
    /// Key reports that it will never take, since the start.
    std::function<uint64_t()> lost = [] { return uint64_t{0}; };
    /// Whether reports of this size get anywhere. Unavailable: which node, its state, what to do.
    std::function<Result<>(size_t size)> ready = [](size_t) -> Result<> { return ok; };
};

} // namespace panto::hid
