// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <glib.h>
#include <utility>
#include <vector>

/// Loop: drives the main loop by hand; timers come due when a test says so, not when time passes.
class Loop
{
public:
    /// Does what is waiting to be done now.
    static void run()
    {
        while (g_main_context_iteration(nullptr, FALSE)) {
        }
    }

    /// Lets every timer that is running come due once, in the order of their times.
    static void fire_timers()
    {
        GSource *last = g_idle_source_new();
        const guint end = g_source_attach(last, nullptr);
        g_source_destroy(last);
        g_source_unref(last);
        std::vector<std::pair<gint64, GSource *>> timers;
        for (guint id = 1; id < end; ++id)
            if (GSource *s = g_main_context_find_source_by_id(nullptr, id))
                if (g_source_get_ready_time(s) >= 0)
                    timers.emplace_back(g_source_get_ready_time(s), g_source_ref(s));
        std::stable_sort(timers.begin(), timers.end(),
                         [](const auto &a, const auto &b) { return a.first < b.first; });
        for (const auto &[time, source] : timers) {
            if (!g_source_is_destroyed(source))
                g_source_set_ready_time(source, 0);
            run();
            g_source_unref(source);
        }
    }
};
