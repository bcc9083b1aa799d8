// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/http/origins.h"

#include "daemon/http/message.h"

#include <algorithm>

namespace panto::http
{

namespace
{

constexpr char kChallenge[] = "WWW-Authenticate";

} // namespace

bool takes_bearer(const Route &route)
{
    return std::any_of(route.headers.begin(), route.headers.end(), [](const auto &h) {
        return h.first == kChallenge && h.second.starts_with("Bearer");
    });
}

bool is_borne(const Request &rq)
{
    return !rq.bearer.empty() && rq.token == rq.bearer;
}

void let_pages_read(SoupServerMessage *message)
{
    SoupMessageHeaders *h = soup_server_message_get_response_headers(message);
    soup_message_headers_replace(h, "Access-Control-Allow-Origin", "*");
    soup_message_headers_replace(h, "Access-Control-Expose-Headers",
                                 "Location, ETag, Link, Accept-Patch");
}

bool allow_origins(SoupServerMessage *message, const char *path)
{
    SoupMessageHeaders *h = soup_server_message_get_response_headers(message);
    soup_message_headers_replace(h, "Access-Control-Allow-Origin", "*");
    if (std::string_view{soup_server_message_get_method(message)} != "OPTIONS")
        return false;
    const Request rq = read_request(message, path, nullptr);
    const bool ours = same_origin(rq.origin, rq.host, rq.secure);
    soup_message_headers_replace(h, "Access-Control-Allow-Methods",
                                 ours ? "HEAD, GET, POST, PUT, PATCH, DELETE" : "HEAD, GET");
    soup_message_headers_replace(h, "Access-Control-Allow-Headers", "*");
    write_response(message, {204, "", "", {}});
    return true;
}

std::optional<Response> other_method(const RouteTable &routes, const Request &rq)
{
    std::string methods;
    Headers headers;
    std::map<std::string, std::string> params;
    for (const Route &route : routes.all()) {
        if (!takes_bearer(route) || !matches(route.path, rq.path, params))
            continue;
        methods.append(route.method).append(", ");
        for (const auto &header : route.headers)
            if (header.first != kChallenge)
                headers.push_back(header);
    }
    if (methods.empty())
        return std::nullopt;
    methods += "OPTIONS";
    headers.emplace_back("Allow", methods);
    if (rq.method != "OPTIONS")
        return Response{405, "text/plain; charset=utf-8", "only " + methods + " here\n", headers,
                        "no such method here"};
    headers.emplace_back("Access-Control-Allow-Origin", "*");
    headers.emplace_back("Access-Control-Allow-Methods", methods);
    headers.emplace_back("Access-Control-Allow-Headers", "Authorization, Content-Type, If-Match");
    return Response{204, "", "", headers};
}

} // namespace panto::http
