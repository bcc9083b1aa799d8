// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/http/route.h"

namespace panto::api
{

/// The OpenAPI 3.1 document of all routes that were added before it is asked for, as JSON: every
/// path and method, its least role (x-role), the fields of its body and its answers. WebSockets are
/// GET operations that answer 101.
std::string openapi(const std::vector<http::Route> &routes);

/// GET /api/openapi.json. `routes` is the server's table.
std::vector<http::Route> openapi_routes(const std::vector<http::Route> &routes);

} // namespace panto::api
