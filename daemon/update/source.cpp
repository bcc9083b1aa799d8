// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/update/source.h"

#include "lib/base/owned.h"
#include "lib/json/json.h"

#include <cstring>
#include <glib.h>

namespace panto::update
{

namespace
{

constexpr size_t kLongestUrl = 2048;

Error wrong(const std::string &what)
{
    return Error{Kind::Invalid, "update server URL " + what};
}

} // namespace

Result<Source> check_source(bool enabled, const std::string &url)
{
    Source out{enabled, url};
    while (out.url.ends_with('/'))
        out.url.pop_back();
    if (out.url.empty() && enabled)
        return wrong("is required");
    if (out.url.empty())
        return out;
    if (out.url.size() > kLongestUrl)
        return wrong("is longer than 2048 bytes");
    const Owned<GUri, g_uri_unref> uri{
        g_uri_parse(out.url.c_str(), GUriFlags(G_URI_FLAGS_NONE), nullptr)};
    if (!uri)
        return wrong("is none");
    const char *scheme = g_uri_get_scheme(uri.get());
    const char *host = g_uri_get_host(uri.get());
    if (std::strcmp(scheme, "http") != 0 && std::strcmp(scheme, "https") != 0)
        return wrong("must begin with http:// or https://");
    if (!host || !*host)
        return wrong("has no host");
    if (g_uri_get_query(uri.get()) || g_uri_get_fragment(uri.get()))
        return wrong("must have no query and no fragment");
    if (g_uri_get_userinfo(uri.get()))
        return wrong("must have no user and no password");
    if (out.url.ends_with("/latest.json"))
        return wrong("must be the folder, without latest.json");
    return out;
}

std::string to_text(const Source &source)
{
    return json::Object{}.add("enabled", source.enabled).add("url", source.url).text();
}

Source from_text(const std::string &text)
{
    auto node = json::parse_object(text);
    if (!node)
        return {};
    JsonObject *root = json::object(*node);
    JsonNode *on = json_object_get_member(root, "enabled");
    const bool enabled = on && JSON_NODE_HOLDS_VALUE(on) &&
                         json_node_get_value_type(on) == G_TYPE_BOOLEAN &&
                         json_node_get_boolean(on);
    auto checked = check_source(enabled, json::text_at(root, "url").value_or(""));
    return checked ? *checked : Source{};
}

} // namespace panto::update
