// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/http/route.h"

#include <string>

namespace panto::api
{

/// For programs of this machine: lets through who comes from it and shows the token, which only the
/// daemon's user can read; others get 401. "": nobody has it. Plain http will do.
http::Handler inside(std::string token, http::Call then);

} // namespace panto::api
