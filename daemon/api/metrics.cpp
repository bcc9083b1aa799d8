// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/api/metrics.h"

namespace panto::api
{

std::vector<http::Route> metrics_routes(const http::Server &server)
{
    const auto text = [&server](const http::Request &, const http::Reply &reply) {
        reply({200, "text/plain; version=0.0.4; charset=utf-8", server.metrics(), {}});
    };
    return {{"GET", "/metrics", http::Role::User,
             "Counts requests by route and status, for Prometheus", text}};
}

} // namespace panto::api
