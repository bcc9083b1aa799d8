// SPDX-License-Identifier: LGPL-2.1-or-later
/// Tailscale, as far as it is installed: its own program and its service.
#include "daemon/api/rest/rest.h"

#include "daemon/api/rest/envelope.h"
#include "daemon/system/tailscale.h"

namespace panto::api
{

namespace
{

using http::Call;
using http::Reply;
using http::Request;
using http::Role;
using system::Services;

constexpr char kUnit[] = "tailscaled.service";

void tell(const Request &, const Reply &reply)
{
    system::ask_tailscale([reply](const system::Tailscale &t) {
        reply(success(json::Object{}
                          .add("state", t.state)
                          .add("name", t.name)
                          .add("ip", t.ip)
                          .add("account", t.account)));
    });
}

Call change(const char *verb)
{
    return without_fields([verb](const Request &, Reply reply) {
        system::change_tailscale(verb, answer(reply, -1, std::string{verb} + " failed"));
    });
}

Call service(Services &services, const char *how, const char *what)
{
    return without_fields([&services, how, what](const Request &, Reply reply) {
        services.change(kUnit, how, answer(reply, -1, std::string{what} + " failed"));
    });
}

/// The page to sign in on names the device to come: it is for no log.
void login(const Request &, const Reply &reply)
{
    system::login_to_tailscale([reply](Result<std::string> url) {
        reply(url ? success(json::Object{}.add("url", *url))
                  : failure(-2, "login failed", url.error()));
    });
}

Call packages(const char *what)
{
    return without_fields([what](const Request &, Reply reply) {
        reply(failure(-1, std::string{what} +
                              " failed: programs come and go with this device's package manager"));
    });
}

} // namespace

std::vector<http::Route> tailscale_routes(Services &services)
{
    return {
        {"GET", "/api/extensions/tailscale/status", Role::Admin, "Tells how Tailscale stands",
         tell},
        {"POST", "/api/extensions/tailscale/install", Role::Admin,
         "Refuses: the package manager installs", packages("install")},
        {"POST", "/api/extensions/tailscale/uninstall", Role::Admin,
         "Refuses: the package manager removes", packages("uninstall")},
        {"POST", "/api/extensions/tailscale/up", Role::Admin, "Connects to the tailnet",
         change("up")},
        {"POST", "/api/extensions/tailscale/down", Role::Admin, "Leaves the tailnet for now",
         change("down")},
        {"POST", "/api/extensions/tailscale/login", Role::Admin,
         "Tells the page to sign this device in on", without_fields(login)},
        {"POST", "/api/extensions/tailscale/logout", Role::Admin, "Signs this device out",
         change("logout")},
        {"POST", "/api/extensions/tailscale/start", Role::Admin, "Starts its service",
         service(services, "Start", "start")},
        {"POST", "/api/extensions/tailscale/stop", Role::Admin, "Stops its service",
         service(services, "Stop", "stop")},
        {"POST", "/api/extensions/tailscale/restart", Role::Admin, "Starts its service anew",
         service(services, "Restart", "restart")},
    };
}

} // namespace panto::api
