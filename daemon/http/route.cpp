// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/http/route.h"

#include <cstring>
#include <glib.h>

namespace panto::http
{

const Route &RouteTable::add(Route route)
{
    if (std::strchr(route.path, ':'))
        with_names_.push_back(all_.size());
    else
        plain_.emplace(std::string{route.method} + " " + route.path, all_.size());
    all_.push_back(std::move(route));
    return all_.back();
}

const Route *RouteTable::find(const std::string &method, const std::string &path,
                              std::map<std::string, std::string> &params) const
{
    std::string asked;
    asked.reserve(method.size() + 1 + path.size());
    asked.append(method).append(1, ' ').append(path);
    if (const auto found = plain_.find(asked); found != plain_.end())
        return &all_[found->second];
    for (const size_t i : with_names_)
        if (method == all_[i].method && matches(all_[i].path, path, params))
            return &all_[i];
    return nullptr;
}

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
