// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/http/origins.h"

#include "daemon/http/message.h"
#include "lib/base/address.h"

#include <algorithm>
#include <unistd.h>

namespace panto::http
{

namespace
{

constexpr char kChallenge[] = "WWW-Authenticate";

std::string lower(std::string_view text)
{
    std::string out{text};
    std::transform(out.begin(), out.end(), out.begin(), g_ascii_tolower);
    return out;
}

/// Of a Host header, without port, brackets and the dot at its end; in lower case.
std::string host_in(std::string_view header)
{
    const size_t bracket = header.find(']');
    if (header.starts_with('[') && bracket != header.npos)
        return lower(header.substr(1, bracket - 1));
    header = header.substr(0, header.find(':'));
    if (header.ends_with('.'))
        header.remove_suffix(1);
    return lower(header);
}

/// "kvm-2" is "kvm", too.
std::string_view without_number(std::string_view label)
{
    const size_t hyphen = label.find_last_not_of("0123456789");
    const bool has_one = hyphen != label.npos && label[hyphen] == '-' && hyphen + 1 < label.size();
    return has_one ? label.substr(0, hyphen) : label;
}

bool is_allowed(const Request &rq, const std::vector<std::string> &hosts)
{
    if (rq.host.empty()) // no browser's
        return true;
    char name[256] = {};
    gethostname(name, sizeof name - 1);
    const std::string host = host_in(rq.host);
    return is_own_host(rq.host, name) || std::any_of(hosts.begin(), hosts.end(), [&](auto &other) {
               return host == lower(other);
           });
}

Response forbidden(std::string body, std::string why)
{
    return {403, "text/plain; charset=utf-8", std::move(body), {}, std::move(why)};
}

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

bool is_own_host(std::string_view header, const std::string &hostname)
{
    constexpr std::string_view kLocal = ".local";
    const std::string host = host_in(header);
    const std::string ours = lower(hostname);
    const std::string label = ours.substr(0, ours.find('.'));
    if (is_ip_address(host) || host == "localhost")
        return true;
    if (label.empty())
        return false;
    if (!host.ends_with(kLocal))
        return host == ours || host == label;
    const auto before = std::string_view{host}.substr(0, host.size() - kLocal.size());
    return before == label || without_number(before) == label || host == ours;
}

std::optional<Response> refuse_foreign(const Request &rq, const std::vector<std::string> *hosts)
{
    if (!same_origin(rq.origin, rq.host, rq.secure))
        return forbidden("foreign origin\n", "foreign origin");
    if (!hosts || is_allowed(rq, *hosts))
        return std::nullopt;
    return forbidden(
        "foreign host: without authentication this machine is reached by its address or "
        "its own name, or by one in security.allowedHosts\n",
        "Host is no address, no name of this machine and not in security.allowedHosts");
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
