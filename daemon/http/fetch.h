// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/fetch.h"

namespace panto::http
{

/// Starts requests to web servers. A server that is silent for so long has failed.
///
/// Redirects are followed to http and https only, never from https to http, and five at the most.
///
/// Errors   Unavailable with what the server answered or how the connection ended; Timeout
/// Threads  main loop only
fetch::Start fetcher(unsigned timeout_s);

} // namespace panto::http
