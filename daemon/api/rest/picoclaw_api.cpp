// SPDX-License-Identifier: LGPL-2.1-or-later
/// PicoClaw is its vendor's download and not here: its routes say so, in the wire's own words.
#include "daemon/api/rest/ai.h"
#include "daemon/api/rest/inside.h"
#include "daemon/api/rest/rest.h"
#include "daemon/http/socket.h"
#include "lib/glib/time_text.h"

namespace panto::api
{

namespace
{

using agent::Control;
using http::Call;
using http::Reply;
using http::Request;
using http::Role;

constexpr char kNotInstalled[] = "PicoClaw is not installed";
constexpr unsigned short kUnavailable = 4002;

void refuse(const Request &, Reply reply)
{
    reply(ai_failure("RUNTIME_UNAVAILABLE", kNotInstalled));
}

/// Closes a socket with the reason, and waits for the peer to have heard.
class Refusal
{
public:
    static void open(std::unique_ptr<http::Socket> socket) { new Refusal{std::move(socket)}; }

private:
    explicit Refusal(std::unique_ptr<http::Socket> socket) : socket_{std::move(socket)}
    {
        socket_->listen([](std::span<const uint8_t>, bool) {}, [this] { delete this; });
        socket_->close(kUnavailable, kNotInstalled);
    }

    std::unique_ptr<http::Socket> socket_;
};

} // namespace

json::Object picoclaw_status(const Control &control)
{
    const char *mode = agent::text(control.mode());
    return json::Object{}
        .add("ready", false)
        .add("installed", false)
        .add("installing", false)
        .add("model_configured", false)
        .add("status", "not_installed")
        .add("checked_at", now_rfc3339())
        .add("runtime_intent", json::Object{}.add("desired_running", false))
        .add("control_mode", mode)
        .add("control", json::Object{}
                            .add("mode", mode)
                            .add("transitioning", false)
                            .add("can_control", false)
                            .add("changed_at", control.changed_at()))
        .add("capabilities", json::Object{}
                                 .add("chat", false)
                                 .add("read_only_tools", false)
                                 .add("device_write", false));
}

std::vector<http::Route> picoclaw_routes(const Control &control, const std::string &internal_token)
{
    const auto status = [&control](const Request &, Reply reply) {
        reply(success(picoclaw_status(control)));
    };
    const auto sessions = [](const Request &, Reply reply) { reply(success(json::Array{})); };
    const auto gateway = [](const Request &, std::unique_ptr<http::Socket> socket) {
        Refusal::open(std::move(socket));
    };
    const Call no = refuse;
    const http::Handler l = inside(internal_token, refuse);
    return {
        {"GET", "/api/picoclaw/runtime/status", Role::Admin, "Tells that PicoClaw is not here",
         status},
        {"GET", "/api/picoclaw/sessions", Role::Admin, "Lists PicoClaw's sessions: none", sessions},
        {"GET", "/api/picoclaw/sessions/:id", Role::Admin, "Refuses: PicoClaw is not here", no},
        {"DELETE", "/api/picoclaw/sessions/:id", Role::Admin, "Refuses: PicoClaw is not here", no},
        {"POST", "/api/picoclaw/model/config", Role::Admin, "Refuses: PicoClaw is not here", no},
        {"POST", "/api/picoclaw/agent/profile", Role::Admin, "Refuses: PicoClaw is not here", no},
        {"DELETE", "/api/picoclaw/runtime/session", Role::Admin, "Refuses: PicoClaw is not here",
         no},
        {"POST", "/api/picoclaw/runtime/install", Role::Admin, "Refuses: PicoClaw is not here", no},
        {"POST", "/api/picoclaw/runtime/uninstall", Role::Admin, "Refuses: PicoClaw is not here",
         no},
        {"POST", "/api/picoclaw/runtime/start", Role::Admin, "Refuses: PicoClaw is not here", no},
        {"POST", "/api/picoclaw/runtime/stop", Role::Admin, "Refuses: PicoClaw is not here", no},
        {"WS", "/api/picoclaw/gateway/ws", Role::Admin, "Closes with 4002: PicoClaw is not here",
         http::Open{gateway}},
        {"GET", "/api/picoclaw/screenshot", Role::Anyone, "Is for PicoClaw itself, on this machine",
         l},
        {"POST", "/api/picoclaw/actions", Role::Anyone, "Is for PicoClaw itself, on this machine",
         l},
        {"POST", "/api/picoclaw/mcp", Role::Anyone, "Is for PicoClaw itself, on this machine", l},
        {"POST", "/api/picoclaw/load-image", Role::Anyone,
         "Is for PicoClaw itself, on this machine", l},
        {"GET", "/api/picoclaw/runtime/session", Role::Anyone,
         "Is for PicoClaw itself, on this machine", l},
    };
}

} // namespace panto::api
