// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/api/openapi.h"
#include "daemon/api/rest/envelope.h"
#include "daemon/http/socket.h"

#include <gtest/gtest.h>

namespace panto::api
{

namespace
{

using http::Role;

struct Press {
    std::string type;
    unsigned duration_ms = 0;
};
constexpr Field<Press> kPress[] = {
    required(one_of("power|reset", "type", "Which button", &Press::type)),
    {"duration", "How long, in ms", &Press::duration_ms, 0, 30000},
};

void nothing(const http::Request &, http::Reply) {}

/// The member at this path of the document of one route.
template <class... Names>
std::string part(std::vector<http::Route> routes, const Names &...names)
{
    auto document = json::parse_object(openapi(routes));
    EXPECT_TRUE(document);
    JsonNode *node = document->get();
    for (const char *name : {names...}) {
        EXPECT_TRUE(JSON_NODE_HOLDS_OBJECT(node)) << name;
        node = json_object_get_member(json_node_get_object(node), name);
        if (!node)
            return std::string{"no "} + name;
    }
    char *text = json_to_string(node, FALSE);
    std::string out = text;
    g_free(text);
    return out;
}

} // namespace

TEST(OpenApi, NamesAnOperationByMethodAndPath)
{
    const std::vector<http::Route> routes = {{"GET", "/api/vm/info", Role::User, "Tells", nothing}};
    EXPECT_EQ(part(routes, "openapi"), "\"3.1.0\"");
    EXPECT_EQ(part(routes, "paths", "/api/vm/info", "get", "operationId"), "\"get_api_vm_info\"");
    EXPECT_EQ(part(routes, "paths", "/api/vm/info", "get", "tags"), "[\"vm\"]");
    EXPECT_EQ(part(routes, "paths", "/api/vm/info", "get", "x-role"), "\"user\"");
}

TEST(OpenApi, HasEveryMethodOfAPathInOnePlace)
{
    const std::vector<http::Route> routes = {{"GET", "/api/a", Role::User, "Reads", nothing},
                                             {"POST", "/api/a", Role::Admin, "Writes", nothing}};
    EXPECT_EQ(part(routes, "paths", "/api/a", "get", "summary"), "\"Reads\"");
    EXPECT_EQ(part(routes, "paths", "/api/a", "post", "summary"), "\"Writes\"");
}

TEST(OpenApi, DescribesPathParameters)
{
    const std::vector<http::Route> routes = {
        {"DELETE", "/api/auth/users/:username", Role::Admin, "Removes a user", nothing}};
    EXPECT_EQ(part(routes, "paths", "/api/auth/users/{username}", "delete", "parameters"),
              R"([{"name":"username","in":"path","required":true,"schema":{"type":"string"}}])");
}

TEST(OpenApi, DescribesTheFieldsOfABodyFromTheTableThatReadsIt)
{
    const std::vector<http::Route> routes = {
        {"POST", "/api/vm/gpio", Role::User, "Presses",
         with_body(kPress, [](const Press &, const http::Request &, http::Reply) {})}};
    EXPECT_EQ(part(routes, "paths", "/api/vm/gpio", "post", "requestBody", "content",
                   "application/json", "schema"),
              R"({"type":"object","properties":{)"
              R"("type":{"type":"string","description":"Which button","enum":["power","reset"]},)"
              R"("duration":{"type":"integer","description":"How long, in ms",)"
              R"("minimum":0,"maximum":30000}},"required":["type"]})");
}

TEST(OpenApi, SaysWhoIsRefused)
{
    const std::vector<http::Route> routes = {{"GET", "/api/all", Role::Anyone, "a", nothing},
                                             {"GET", "/api/few", Role::Admin, "b", nothing}};
    EXPECT_EQ(part(routes, "paths", "/api/all", "get", "responses", "401"), "no 401");
    EXPECT_EQ(part(routes, "paths", "/api/all", "get", "security"), "[]");
    EXPECT_NE(part(routes, "paths", "/api/few", "get", "responses", "403"), "no 403");
}

TEST(OpenApi, ShowsAWebSocketAsAGetThatSwitchesProtocols)
{
    const std::vector<http::Route> routes = {
        {"WS", "/api/ws", Role::User, "Input",
         [](const http::Request &, std::unique_ptr<http::Socket>) {}}};
    EXPECT_NE(part(routes, "paths", "/api/ws", "get", "responses", "101"), "no 101");
}

} // namespace panto::api
