// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/api/openapi.h"

#include "daemon/http/origins.h"
#include "lib/base/split.h"
#include "lib/json/json.h"

#include <glib.h>
#include <map>

namespace panto::api
{

namespace
{

using http::Route;
using json::Array;
using json::Object;
using json::Value;

Object schema(const http::BodyField &f)
{
    Object out;
    out.add("type", f.type).add("description", f.doc);
    if (f.choices)
        out.add("enum", json::array_of(split(f.choices, '|')));
    if (f.min != 0 || f.max != 0)
        out.add("minimum", f.min).add("maximum", f.max);
    return out;
}

/// The same fields, whichever way the body is written.
Object body_of(const std::vector<http::BodyField> &fields)
{
    Object properties;
    Array required;
    for (const auto &f : fields) {
        properties.add(f.name, schema(f));
        if (f.required)
            required.add(f.name);
    }
    Object object;
    object.add("type", "object").add("properties", properties);
    if (required.text() != "[]")
        object.add("required", required);
    const Object media = Object{}.add("schema", object);
    return Object{}.add(
        "content",
        Object{}.add("application/json", media).add("application/x-www-form-urlencoded", media));
}

/// "/a/:name/b" as "/a/{name}/b", and its parameters.
std::pair<std::string, Array> path_of(const std::string &pattern)
{
    std::string path;
    Array parameters;
    for (size_t at = 1; at <= pattern.size();) {
        const size_t end = std::min(pattern.find('/', at), pattern.size());
        const std::string part = pattern.substr(at, end - at);
        if (part.starts_with(':')) {
            path += "/{" + part.substr(1) + "}";
            parameters.add(Object{}
                               .add("name", part.substr(1))
                               .add("in", "path")
                               .add("required", true)
                               .add("schema", Object{}.add("type", "string")));
        } else {
            path += "/" + part;
        }
        at = end + 1;
    }
    return {path, parameters};
}

const char *name_of(http::Role role)
{
    return role == http::Role::Admin ? "admin" : role == http::Role::User ? "user" : "anyone";
}

/// The part of the path that names the room: "vm" of "/api/vm/info".
std::string tag_of(const std::string &path)
{
    const size_t start = path.starts_with("/api/") ? 5 : 1;
    return path.substr(start, path.find('/', start) - start);
}

Object reference(const char *name)
{
    return Object{}.add("$ref", std::string{"#/components/responses/"} + name);
}

/// MCP has a protocol of its own.
bool in_envelope(std::string_view path)
{
    return path.starts_with("/api/") && path != "/api/mcp";
}

Object answers(const Route &route)
{
    Object out;
    if (std::holds_alternative<http::Open>(route.handler.answer))
        out.add("101", Object{}.add("description", "The WebSocket is open"));
    else if (std::holds_alternative<http::Feed>(route.handler.answer))
        out.add("200", Object{}.add("description", "A stream without an end"));
    else if (in_envelope(route.path))
        out.add("200", reference("Envelope"));
    else
        out.add("default", Object{}.add("description", "As the protocol of this path has it"));
    if (route.role != http::Role::Anyone)
        out.add("401", reference("Unauthorized"));
    if (route.role == http::Role::Admin)
        out.add("403", reference("Forbidden"));
    return out;
}

Object operation(const Route &route, const Array &parameters)
{
    Object out;
    out.add("operationId", id_of(route))
        .add("summary", route.summary)
        .add("tags", Array{}.add(tag_of(route.path)))
        .add("x-role", name_of(route.role));
    if (parameters.text() != "[]")
        out.add("parameters", parameters);
    if (!route.handler.fields.empty())
        out.add("requestBody", body_of(route.handler.fields));
    else if (std::holds_alternative<http::Take>(route.handler.answer))
        out.add("requestBody", Object{}
                                   .add("description", "Read part by part as it arrives")
                                   .add("content", Object{}.add("*/*", Object{})));
    if (route.role == http::Role::Anyone)
        out.add("security", Array{});
    else if (http::takes_bearer(route))
        out.add("security",
                Array{}.add(Object{}.add("session", Array{})).add(Object{}.add("bearer", Array{})));
    return out.add("responses", answers(route));
}

Object text_answer(const char *description, const char *text)
{
    return Object{}
        .add("description", description)
        .add("content",
             Object{}.add("application/json", Object{}.add("schema", Object{}.add("const", text))));
}

Object components()
{
    const Object envelope =
        Object{}
            .add("type", "object")
            .add("required", Array{}.add("code").add("msg").add("data"))
            .add(
                "properties",
                Object{}
                    .add("code", Object{}
                                     .add("type", "integer")
                                     .add("description", "0 for success, negative for what failed"))
                    .add("msg", Object{}.add("type", "string"))
                    .add("reason", Object{}
                                       .add("type", "string")
                                       .add("description", "What was wrong, in words"))
                    .add("data",
                         Object{}.add("description", "What was asked for; null if nothing")));
    const Object cookie =
        Object{}.add("type", "apiKey").add("in", "cookie").add("name", "nano-kvm-token");
    const Object bearer = Object{}
                              .add("type", "http")
                              .add("scheme", "bearer")
                              .add("description", "The token of the cookie");
    return Object{}
        .add("securitySchemes", Object{}.add("session", cookie).add("bearer", bearer))
        .add("schemas", Object{}.add("Envelope", envelope))
        .add(
            "responses",
            Object{}
                .add("Envelope",
                     Object{}
                         .add("description", "Success or failure, by its code")
                         .add("content",
                              Object{}.add("application/json",
                                           Object{}.add("schema",
                                                        Object{}.add("$ref", "#/components/schemas/"
                                                                             "Envelope")))))
                .add("Unauthorized", text_answer("There is no valid session", "unauthorized"))
                .add("Forbidden", text_answer("The session’s role is too low", "forbidden")));
}

} // namespace

std::string openapi(const std::vector<Route> &routes)
{
    std::map<std::string, Object> paths; // sorted: the same table always gives the same document
    for (const Route &route : routes) {
        const auto [path, parameters] = path_of(route.path);
        std::string method = std::string_view{route.method} == "WS" ? "GET" : route.method;
        for (char &c : method)
            c = g_ascii_tolower(c);
        paths[path].add(method, operation(route, parameters));
    }
    Object all;
    for (const auto &[path, operations] : paths)
        all.add(path, operations);
    return Object{}
        .add("openapi", "3.1.0")
        .add("info",
             Object{}
                 .add("title", "Pantograph")
                 .add("version", PANTOGRAPH_VERSION)
                 .add("description",
                      "The NanoKVM’s REST and WebSocket surface, WHEP, and routes of our own.")
                 .add("license", Object{}
                                     .add("name", "LGPL-2.1-or-later")
                                     .add("identifier", "LGPL-2.1-or-later")))
        .add("security", Array{}.add(Object{}.add("session", Array{})))
        .add("paths", all)
        .add("components", components())
        .text();
}

std::vector<Route> openapi_routes(const std::vector<Route> &routes)
{
    const auto document = [&routes](const http::Request &, http::Reply reply) {
        http::Response r;
        r.body = openapi(routes);
        reply(std::move(r));
    };
    return {{"GET", "/api/openapi.json", http::Role::User, "Describes every route", document}};
}

} // namespace panto::api
