// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <glib.h>
#include <string>

namespace panto
{

/// The time of day as RFC 3339 text: "2026-11-20T12:00:00.123456Z".
inline std::string now_rfc3339()
{
    GDateTime *now = g_date_time_new_now_utc();
    char *text = g_date_time_format(now, "%Y-%m-%dT%H:%M:%S.%fZ");
    std::string out = text;
    g_free(text);
    g_date_time_unref(now);
    return out;
}

} // namespace panto
