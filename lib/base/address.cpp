// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/base/address.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cctype>
#include <charconv>
#include <string_view>

namespace panto
{

namespace
{

constexpr size_t kLongestName = 253; // Source: RFC 1035, 2.3.4
constexpr unsigned kLastPort = 65535;

bool is_ipv6(const std::string &text)
{
    unsigned char bytes[sizeof(in6_addr)];
    return inet_pton(AF_INET6, text.c_str(), bytes) == 1;
}

bool is_name(std::string_view text)
{
    return !text.empty() && text.size() <= kLongestName && text.front() != '.' &&
           text.front() != '-' && std::all_of(text.begin(), text.end(), [](unsigned char c) {
               return std::isalnum(c) || c == '.' || c == '-' || c == '_';
           });
}

bool is_port(std::string_view text)
{
    unsigned port = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), port);
    return code == std::errc{} && end == text.data() + text.size() && port > 0 && port <= kLastPort;
}

} // namespace

bool is_ip_address(const std::string &text)
{
    if (text.find('\0') != text.npos)
        return false;
    unsigned char bytes[sizeof(in_addr)];
    return inet_pton(AF_INET, text.c_str(), bytes) == 1 || is_ipv6(text.substr(0, text.find('%')));
}

bool is_host_and_port(const std::string &text)
{
    const size_t colon = text.rfind(':');
    if (colon == text.npos || !is_port(std::string_view{text}.substr(colon + 1)))
        return false;
    const std::string host = text.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']'))
        return host.find('\0') == host.npos && is_ipv6(host.substr(1, host.size() - 2));
    return is_name(host);
}

} // namespace panto
