// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/http/route.h"

#include <map>
#include <string>

namespace panto::http
{

/// Traffic: how many requests each route answered with which status, and how long they took; in
/// the words of Prometheus. What no route answered counts as route "none".
///
/// Units    one counter for each route and status that occurred
/// Threads  main loop only
class Traffic
{
public:
    void count(const Route *route, unsigned status, double seconds);

    /// The text exposition format 0.0.4.
    std::string text(size_t connections) const;

private:
    struct Time {
        size_t requests = 0;
        double seconds = 0;
    };
    std::map<std::pair<const Route *, unsigned>, size_t> answers_;
    std::map<const Route *, Time> times_;
};

} // namespace panto::http
