// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/http/share.h"

#include <glib.h>

namespace panto::http
{

namespace
{

using namespace std::chrono_literals;

constexpr size_t kMostBytes = 64 << 10;
constexpr auto kLongest = 2ms;

uint64_t turns = 1;

/// Counts the main loop's turns. It is asked before all other sources, each time.
GSource *make_counter()
{
    static GSourceFuncs funcs{[](GSource *, gint *timeout) -> gboolean {
                                  ++turns;
                                  *timeout = -1;
                                  return FALSE;
                              },
                              [](GSource *) -> gboolean { return FALSE; },
                              [](GSource *, GSourceFunc, gpointer) -> gboolean { return TRUE; },
                              nullptr,
                              nullptr,
                              nullptr};
    GSource *source = g_source_new(&funcs, sizeof(GSource));
    g_source_set_priority(source, G_MININT);
    g_source_attach(source, nullptr);
    return source;
}

} // namespace

bool Share::may_read()
{
    static GSource *const counter = make_counter();
    (void)counter;
    if (turn_ != turns) {
        turn_ = turns;
        began_ = steady_now();
        bytes_ = 0;
        return true;
    }
    return bytes_ < kMostBytes && steady_now() - began_ < kLongest;
}

} // namespace panto::http
