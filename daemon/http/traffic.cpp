// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/http/traffic.h"

#include <glib.h>

namespace panto::http
{

namespace
{

std::string route_label(const Route *route)
{
    return "route=\"" + (route ? id_of(*route) : "none") + "\"";
}

std::string head(const std::string &name, const char *type, const char *help)
{
    return "# HELP " + name + " " + help + "\n# TYPE " + name + " " + type + "\n";
}

std::string number(double value)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    return g_ascii_formatd(text, sizeof text, "%.6f", value);
}

} // namespace

void Traffic::count(const Route *route, unsigned status, double seconds)
{
    ++answers_[{route, status}];
    Time &time = times_[route];
    ++time.requests;
    time.seconds += seconds;
}

std::string Traffic::text(size_t connections) const
{
    std::string out = head("pantograph_http_connections", "gauge", "Connections that are open") +
                      "pantograph_http_connections " + std::to_string(connections) + "\n";
    out += head("pantograph_http_requests_total", "counter", "Requests answered");
    for (const auto &[what, count] : answers_)
        out += "pantograph_http_requests_total{" + route_label(what.first) + ",status=\"" +
               std::to_string(what.second) + "\"} " + std::to_string(count) + "\n";
    const std::string seconds = "pantograph_http_request_seconds";
    out += head(seconds, "summary", "From a request's head to the end of its answer");
    for (const auto &[route, time] : times_) {
        const std::string label = "{" + route_label(route) + "} ";
        out += seconds + "_sum" + label + number(time.seconds) + "\n";
        out += seconds + "_count" + label + std::to_string(time.requests) + "\n";
    }
    return out;
}

} // namespace panto::http
