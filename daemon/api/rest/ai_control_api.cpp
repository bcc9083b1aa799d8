// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/api/rest/ai.h"
#include "daemon/api/rest/rest.h"

namespace panto::api
{

namespace
{

using agent::Control;
using agent::Mode;
using http::Reply;
using http::Request;
using http::Role;

struct ModeBody {
    std::string mode;
};
constexpr Field<ModeBody> kMode[] = {
    required(one_of("off|mcp|picoclaw", "mode", "Who beside people may act on the computer",
                    &ModeBody::mode)),
};

json::Object status(const Control &control)
{
    return json::Object{}
        .add("mode", agent::text(control.mode()))
        .add("transitioning", false)
        .add("changed_at", control.changed_at());
}

/// What the wire tells who switched all off: there are no sessions that could have been left over.
json::Object released(const Control &control)
{
    return json::Object{}
        .add("control", status(control))
        .add("runtime", picoclaw_status(control))
        .add("released", true)
        .add("closed_sessions", 0)
        .add("cleanup_warning", "");
}

void set_mode(Control &control, auth::ApiKey &key, Mode mode, Done<> done)
{
    if (mode != Mode::Mcp)
        return control.set(mode, std::move(done));
    key.ensure([&control, done = std::move(done)](Result<> made) {
        if (!made)
            return done(std::move(made));
        control.set(Mode::Mcp, done);
    });
}

Result<Mode> wanted_mode(const Request &rq)
{
    PANTO_TRY(body, Body::parse(rq));
    PANTO_TRY(fields, body.read(kMode));
    return agent::parse_mode(fields.mode).value(); // the table knows no other words
}

} // namespace

std::vector<http::Route> ai_control_routes(Control &control, auth::ApiKey &key)
{
    const auto tell = [&control](const Request &, Reply reply) { reply(success(status(control))); };
    const http::Call change = [&control, &key](const Request &rq, Reply reply) {
        auto mode = wanted_mode(rq);
        if (!mode)
            return reply(ai_failure(-1, "invalid arguments: " + mode.error().message));
        set_mode(control, key, *mode, [&control, mode = *mode, reply](Result<> done) {
            if (!done)
                return reply(ai_failure(-2, "operation failed: " + done.error().message));
            reply(success(mode == Mode::Off ? released(control) : status(control)));
        });
    };
    return {
        {"GET", "/api/ai/control/status", Role::Admin,
         "Tells who beside people may act on the computer", tell},
        {"PUT", "/api/ai/control/mode", Role::Admin,
         "Lets MCP clients, PicoClaw or nobody act on the computer beside people",
         http::Handler{change, documented(kMode)}},
    };
}

} // namespace panto::api
