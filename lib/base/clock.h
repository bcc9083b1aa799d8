// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <functional>

namespace panto
{

using Time = std::chrono::steady_clock::time_point;

/// Where a class gets the time from, so that a test can hold time still or move it.
using Clock = std::function<Time()>;

inline Time steady_now()
{
    return std::chrono::steady_clock::now();
}

} // namespace panto
