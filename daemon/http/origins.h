// SPDX-License-Identifier: LGPL-2.1-or-later
/// What pages of other sites, and programs that are no browser, may ask for, and how they learn it.
///
/// Threads  main loop only
/// Source   the Fetch standard; RFC 6750, section 3; RFC 9725, sections 4.1, 4.2 and 4.8
#pragma once

#include "daemon/http/route.h"

#include <libsoup/soup.h>
#include <optional>

namespace panto::http
{

/// Whether a route takes the session's token from an Authorization header, too: it names Bearer as
/// its challenge among its headers. No browser adds that by itself, as it does a cookie, so that a
/// page of another site that shows a token was given it.
bool takes_bearer(const Route &route);
/// Whether the token came so.
bool is_borne(const Request &rq);

/// Lets the page that asks read the answer, whichever site's it is.
void let_pages_read(SoupServerMessage *message);
/// When authentication is off. Answers a page's question before its request; true when it was one.
/// A page of another site may read, and change nothing.
bool allow_origins(SoupServerMessage *message, const char *path);
/// The answer to a method that none of a path's routes has, where they take a bearer: what it has.
/// Nothing for other paths.
std::optional<Response> other_method(const RouteTable &routes, const Request &rq);

} // namespace panto::http
