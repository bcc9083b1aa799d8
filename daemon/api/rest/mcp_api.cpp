// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/agent/mcp.h"

#include "daemon/api/rest/envelope.h"
#include "daemon/api/rest/rest.h"
#include "daemon/auth/bytes.h"

namespace panto::api
{

namespace
{

using agent::Control;
using agent::Mcp;
using auth::ApiKey;
using http::Reply;
using http::Request;
using http::Response;
using http::Role;

constexpr size_t kMostBytes = 1 << 20;

Response problem(unsigned status, const char *what)
{
    Response r;
    r.status = status;
    r.why = what;
    r.body = json::Object{}.add("error", what).text();
    return r;
}

/// Why this request gets no further.
std::optional<Response> refusal(const Control &control, const ApiKey &key, const Request &rq)
{
    if (control.mode() != agent::Mode::Mcp)
        return problem(403, "MCP service is disabled");
    if (!key.key())
        return problem(500, "MCP auth unavailable");
    if (!auth::equal_in_constant_time(rq.bearer, *key.key()))
        return problem(401, "invalid MCP API key");
    if (rq.method == "POST")
        return std::nullopt;
    Response r = problem(405, "method not allowed"); // there is no stream and no session to end
    r.headers = {{"Allow", "POST"}};
    return r;
}

} // namespace

std::vector<http::Route> mcp_routes(const Control &control, const ApiKey &key, Mcp &mcp)
{
    const http::Call take = [&control, &key, &mcp](const Request &rq, Reply reply) {
        if (auto refused = refusal(control, key, rq))
            return reply(std::move(*refused));
        const auto answered = [reply](Mcp::Answer answer) {
            Response r;
            r.status = answer.status;
            r.body = std::move(answer.body);
            if (r.status >= 400)
                r.why = "no MCP message";
            reply(std::move(r));
        };
        mcp.answer(rq.body, rq.protocol_version, answered,
                   [&reply](std::function<void()> fn) { reply.if_gone(std::move(fn)); });
    };
    const char *says = "Takes no such request: MCP messages are posted";
    return {
        {"POST",
         "/api/mcp",
         Role::Anyone,
         "Answers one MCP message; its Bearer token is the key of /api/mcp/config",
         http::Handler{take},
         {},
         kMostBytes},
        {"GET", "/api/mcp", Role::Anyone, says, http::Handler{take}},
        {"PUT", "/api/mcp", Role::Anyone, says, http::Handler{take}},
        {"PATCH", "/api/mcp", Role::Anyone, says, http::Handler{take}},
        {"DELETE", "/api/mcp", Role::Anyone, says, http::Handler{take}},
    };
}

} // namespace panto::api
