// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/glib/source.h"

#include <functional>

namespace panto
{

/// Runs the main loop until what a test waits for has come; false when it has not in 20 s.
inline bool run_until(const std::function<bool()> &is_there)
{
    bool late = false;
    const Source watchdog = after(std::chrono::seconds{20}, [&] { late = true; });
    while (!late && !is_there())
        g_main_context_iteration(nullptr, TRUE);
    return !late;
}

} // namespace panto
