// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/http/route.h"
#include "lib/base/done.h"

#include <functional>
#include <vector>

namespace panto::api
{

/// What switches https on and off, now and for the next starts.
struct TlsSwitch {
    std::function<bool()> is_on;
    std::function<void(bool on, Done<> done)> set;
};

std::vector<http::Route> tls_routes(TlsSwitch tls);

} // namespace panto::api
