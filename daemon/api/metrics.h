// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/http/server.h"

namespace panto::api
{

/// GET /metrics: what the server was asked for, as Prometheus reads it.
std::vector<http::Route> metrics_routes(const http::Server &server);

} // namespace panto::api
