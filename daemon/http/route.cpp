// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/http/route.h"

#include <cstring>
#include <glib.h>

namespace panto::http
{

std::string id_of(const Route &route)
{
    std::string out = route.method;
    out += route.path;
    std::erase(out, '-'); // memory-limit is not memory/limit
    for (char &c : out)
        c = g_ascii_isalnum(c) ? g_ascii_tolower(c) : '_';
    return out;
}

bool is_loopback(const std::string &address)
{
    return address.starts_with("127.") || address == "::1";
}

bool matches(const char *pattern, const std::string &path,
             std::map<std::string, std::string> &params)
{
    std::map<std::string, std::string> found;
    const char *p = path.c_str();
    while (*pattern) {
        if (*pattern != ':') {
            if (*pattern++ != *p++)
                return false;
            continue;
        }
        const size_t name = std::strcspn(pattern + 1, "/");
        const size_t value = std::strcspn(p, "/");
        if (value == 0)
            return false;
        found[std::string{pattern + 1, name}] = std::string{p, value};
        pattern += name + 1;
        p += value;
    }
    if (*p)
        return false;
    params = std::move(found);
    return true;
}

} // namespace panto::http
