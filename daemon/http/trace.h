// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/http/route.h"

#include <glib.h>
#include <libsoup/soup.h>
#include <map>
#include <string>
#include <string_view>

namespace panto::http
{

/// Trace: what is known of a request beside what it brought, from its first handler to its line in
/// the log. Dies with its message.
struct Trace {
    const Route *route = nullptr; ///< none: a file, or nothing
    bool websocket = false;       ///< it asks for one
    std::map<std::string, std::string> params;
    std::string user; ///< whose session it came with
    std::string why;  ///< the cause that the log names
    gint64 since_us = g_get_monotonic_time();
};

/// The message's own; a new one at the first call.
Trace &trace_of(SoupServerMessage *message);

/// Whether requests of this method may change something.
inline bool unsafe(std::string_view method)
{
    return method != "GET" && method != "HEAD" && method != "OPTIONS" && method != "WS";
}

} // namespace panto::http
