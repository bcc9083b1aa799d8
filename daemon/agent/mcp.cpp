// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/agent/mcp.h"

#include "daemon/observe/log.h"

#include <algorithm>

namespace panto::agent
{

namespace
{

using json::Object;
using json::Value;

constexpr std::string_view kVersions[] = {"2025-06-18", "2025-03-26", "2024-11-05"};
constexpr char kInstructions[] =
    "These tools are keyboard, mouse and screen of a real computer. Look at the screen before you "
    "act and after it. People come first: while somebody is at work, the tools say so; wait then.";

enum Code {
    kParseError = -32700,
    kInvalidRequest = -32600,
    kMethodNotFound = -32601,
    kInvalidParams = -32602,
};

bool is_known(const std::string &version)
{
    return std::find(std::begin(kVersions), std::end(kVersions), version) != std::end(kVersions);
}

Object response(const Value &id)
{
    return Object{}.add("jsonrpc", "2.0").add("id", id);
}

Mcp::Answer result(const Value &id, const Value &value)
{
    return {200, response(id).add("result", value).text()};
}

Mcp::Answer error(unsigned status, const Value &id, Code code, const std::string &message)
{
    return {
        status,
        response(id).add("error", Object{}.add("code", int(code)).add("message", message)).text()};
}

/// A message that is none.
Mcp::Answer refused(Code code, const std::string &message)
{
    return error(400, nullptr, code, message);
}

/// The request's id as JSON; nothing when it is neither text nor number.
std::optional<Value> id_of(JsonObject *message)
{
    if (const auto text = json::text_at(message, "id"))
        return Value{*text};
    if (const auto whole = json::whole_at(message, "id"))
        return Value{*whole};
    if (const auto number = json::number_at(message, "id"))
        return Value{*number};
    return std::nullopt;
}

Object introduction(JsonObject *params)
{
    const std::string wanted = json::text_at(params, "protocolVersion").value_or("");
    return Object{}
        .add("protocolVersion", is_known(wanted) ? wanted : std::string{kVersions[0]})
        .add("capabilities", Object{}.add("tools", Object{}))
        .add("serverInfo",
             Object{}.add("name", "nanokvm-cube-remote-control").add("version", "v1.0.0"))
        .add("instructions", kInstructions);
}

json::Array content_of(const Outcome &outcome)
{
    json::Array content;
    if (!outcome.picture.empty()) {
        char *base64 = g_base64_encode(reinterpret_cast<const guchar *>(outcome.picture.data()),
                                       outcome.picture.size());
        content.add(Object{}
                        .add("type", "image")
                        .add("data", std::string_view{base64})
                        .add("mimeType", "image/jpeg"));
        g_free(base64);
    }
    return content.add(Object{}.add("type", "text").add("text", outcome.data.text()));
}

Object result_of(const Outcome &outcome)
{
    return Object{}
        .add("content", content_of(outcome))
        .add("structuredContent", outcome.data)
        .add("isError", outcome.failed);
}

/// What the model is to read, so that it can do better.
Object result_of(const Error &e)
{
    return Object{}
        .add("content", json::Array{}.add(Object{}.add("type", "text").add("text", e.message)))
        .add("isError", true);
}

} // namespace

void Mcp::answer(const std::string &body, const std::string &version, Answered done,
                 const IfGone &if_gone)
{
    if (!version.empty() && !is_known(version))
        return done(refused(kInvalidRequest, "unsupported MCP-Protocol-Version"));
    auto node = json::parse(body);
    if (!node)
        return done(refused(kParseError, "no JSON: " + node.error().message));
    if (JSON_NODE_HOLDS_ARRAY(node->get()))
        return done(refused(kInvalidRequest, "batches are not taken: post one message at a time"));
    JsonObject *message = json::object(*node);
    const auto method = json::text_at(message, "method");
    if (!message || json::text_at(message, "jsonrpc") != "2.0")
        return done(refused(kInvalidRequest, "no JSON-RPC 2.0 message"));
    const bool answers_us = json::has(message, "result") || json::has(message, "error");
    if (!method && !answers_us)
        return done(refused(kInvalidRequest, "there is no method"));
    if (answers_us || !json_object_has_member(message, "id")) // we ask for nothing
        return done({202, ""});
    const auto id = id_of(message);
    if (!id)
        return done(refused(kInvalidRequest, "an id is a string or a number"));
    JsonObject *params = json::object_at(message, "params");
    if (*method == "initialize")
        return done(result(*id, introduction(params)));
    if (*method == "ping")
        return done(result(*id, Object{}));
    if (*method == "tools/list")
        return done(result(*id, Object{}.add("tools", Tools::list())));
    if (*method == "tools/call")
        return call_tool(*id, params, std::move(done), if_gone);
    done(error(200, *id, kMethodNotFound, "there is no such method here"));
}

void Mcp::call_tool(const Value &id, JsonObject *params, Answered done, const IfGone &if_gone)
{
    const auto name = json::text_at(params, "name");
    if (!name)
        return done(error(200, id, kInvalidParams, "name: must be a string"));
    JsonNode *given = json_object_get_member(params, "arguments");
    if (given && !JSON_NODE_HOLDS_NULL(given) && !JSON_NODE_HOLDS_OBJECT(given))
        return done(error(200, id, kInvalidParams, "arguments: must be an object"));
    const auto cancel = tools_.call(
        *name, json::object_at(params, "arguments"),
        [id, name = *name, done = std::move(done)](Result<Outcome> outcome) {
            if (!outcome && outcome.error().kind == Kind::NotFound)
                return done(error(200, id, kInvalidParams, "there is no such tool"));
            if (!outcome && outcome.error().kind == Kind::Invalid)
                return done(error(200, id, kInvalidParams, outcome.error().message));
            log_message("agent", "tool used",
                        {{"name", name}, {"why", outcome ? "" : outcome.error().message}});
            done(result(id, outcome ? result_of(*outcome) : result_of(outcome.error())));
        });
    if (cancel && if_gone)
        if_gone([cancel] { cancel("the client hung up"); });
}

} // namespace panto::agent
