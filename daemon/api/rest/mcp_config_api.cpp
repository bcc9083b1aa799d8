// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/api/rest/envelope.h"
#include "daemon/api/rest/rest.h"

namespace panto::api
{

namespace
{

using agent::Control;
using agent::Mode;
using auth::ApiKey;
using http::Reply;
using http::Request;
using http::Role;

struct ConfigBody {
    bool enabled = false;
};
constexpr Field<ConfigBody> kConfig[] = {
    required<ConfigBody>(
        {"enabled", "Whether MCP clients may act on the computer", &ConfigBody::enabled}),
};

http::Response unseen(http::Response response)
{
    response.headers.emplace_back("Cache-Control", "no-store");
    return response;
}

/// The configuration, or why it is not as was wished.
Done<> config_to(Reply reply, const Control &control, const ApiKey &key)
{
    return [reply = std::move(reply), &control, &key](Result<> done) {
        if (!done)
            return reply(unseen(failure(-2, "operation failed: " + done.error().message)));
        reply(unseen(success(json::Object{}
                                 .add("enabled", control.mode() == Mode::Mcp)
                                 .add("apiKey", *key.key())
                                 .add("controlMode", agent::text(control.mode()))
                                 .add("transitioning", false))));
    };
}

/// On: as the only one. Off: only if it is this that is on.
void enable(Control &control, ApiKey &key, bool on, Done<> done)
{
    key.ensure([&control, on, done = std::move(done)](Result<> made) {
        if (!made)
            return done(std::move(made));
        if (on != (control.mode() == Mode::Mcp))
            return control.set(on ? Mode::Mcp : Mode::Off, done);
        done(ok);
    });
}

} // namespace

std::vector<http::Route> mcp_config_routes(Control &control, ApiKey &key)
{
    const auto tell = [&control, &key](const Request &, Reply reply) {
        key.ensure(config_to(reply, control, key));
    };
    const auto change = [&control, &key](const ConfigBody &b, const Request &, Reply reply) {
        enable(control, key, b.enabled, config_to(reply, control, key));
    };
    const auto renew = [&control, &key](const Request &, Reply reply) {
        key.renew(config_to(reply, control, key));
    };
    return {
        {"GET", "/api/mcp/config", Role::Admin,
         "Tells the key of MCP clients, and makes one if there is none", tell},
        {"POST", "/api/mcp/config", Role::Admin,
         "Switches the service for MCP clients on as the only one, or off",
         with_body(kConfig, change)},
        {"POST", "/api/mcp/key/regenerate", Role::Admin,
         "Makes another key for MCP clients, and the old one useless", without_fields(renew)},
    };
}

} // namespace panto::api
