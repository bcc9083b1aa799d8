// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/http/pages.h"
#include "daemon/http/request.h"

#include <libsoup/soup.h>
#include <string_view>

namespace panto::http
{

/// A path as the route table has it: with no slash at its end.
std::string without_slash(const char *path);
/// Reads libsoup's message into ours; the body only when it has arrived.
Request read_request(SoupServerMessage *message, const char *path, GHashTable *query);
/// What the browser says of a page that it asks for.
Asked read_asked(SoupServerMessage *message);
void write_response(SoupServerMessage *message, const Response &response);
/// The same for a request that is refused before its body is read: the connection ends behind it.
void write_refusal(SoupServerMessage *message, const Response &response);

/// What is wrong with how a request says where its body ends, or nullptr. Who read it otherwise
/// than we do, such as a proxy, would take a part of it for another request. Source: RFC 9112, 6.3
const char *bad_length(SoupMessageHeaders *request);

/// How an answer without an end begins.
std::string feed_head(const Headers &headers);

bool came_over_tls(SoupServerMessage *message);

/// Sends the browser to the same page over https.
Response redirect_to_https(SoupServerMessage *message, unsigned port);

/// The first cookie of that name in a Cookie header, without blanks or quotes around it; of
/// duplicates the first counts. Source: RFC 6265, sections 4.1.1 and 5.2
std::string cookie(std::string_view header, std::string_view name);
/// True when the request carries no Origin, or one that names the host it was sent to.
bool same_origin(std::string_view origin, std::string_view host, bool secure);

} // namespace panto::http
