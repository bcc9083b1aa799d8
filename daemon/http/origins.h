// SPDX-License-Identifier: LGPL-2.1-or-later
/// What pages of other sites, and programs that are no browser, may ask for, and how they learn it.
///
/// Threads  main loop only
/// Source   the Fetch standard; RFC 6750, section 3; RFC 9725, sections 4.1, 4.2 and 4.8
#pragma once

#include "daemon/http/route.h"

#include <libsoup/soup.h>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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
/// What a request gets that would change something, or a WebSocket, when its page is another
/// site's. With `hosts`, which is when there are no sessions to tell pages apart by, also when the
/// page came by a name that is none of this machine's nor among them: whose name it is may have it
/// stand for our address once the page is loaded.
std::optional<Response> refuse_foreign(const Request &rq, const std::vector<std::string> *hosts);
/// Whether a Host header is an address, or a name of this machine: localhost, the host's name or
/// the first part of it, with or without .local (and -2 before that, as mDNS has it when two are
/// alike).
bool is_own_host(std::string_view header, const std::string &hostname);
/// When authentication is off. Answers a page's question before its request; true when it was one.
/// A page of another site may read, and change nothing.
bool allow_origins(SoupServerMessage *message, const char *path);
/// The answer to a method that none of a path's routes has, where they take a bearer: what it has.
/// Nothing for other paths.
std::optional<Response> other_method(const RouteTable &routes, const Request &rq);

} // namespace panto::http
