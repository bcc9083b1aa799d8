// SPDX-License-Identifier: LGPL-2.1-or-later
/// The device itself: its name, its services, its next start, and what it lacks.
#include "daemon/api/rest/rest.h"

#include "daemon/api/rest/envelope.h"

namespace panto::api
{

namespace
{

using http::Reply;
using http::Request;
using http::Role;
using system::Services;

/// What is switched together, in this order; the last is the service itself.
using Units = std::vector<std::string>;

struct HostBody {
    std::string hostname;
};
constexpr Field<HostBody> kHost[] = {
    required<HostBody>({"hostname", "1 to 64 letters, digits and hyphens", &HostBody::hostname}),
};

struct SwitchBody {
    bool enabled = false;
};
constexpr Field<SwitchBody> kSwitch[] = {
    required<SwitchBody>({"enabled", "On or off, now and at each start", &SwitchBody::enabled}),
};

void set_hostname(Services &services, const HostBody &body, const Reply &reply)
{
    services.set_hostname(body.hostname, [reply](Result<> done) {
        if (done)
            return reply(success());
        const Error &e = done.error();
        const int code = e.code == Services::kOnlyLater ? -3 : -2;
        reply(e.kind == Kind::Invalid ? failure(-1, "invalid arguments", e)
                                      : failure(code, "failed to write data", e));
    });
}

/// A unit that is not here, or no systemd to ask: it is off, and the log says why.
http::Call tell_enabled(Services &services, const Units &units)
{
    return [&services, unit = units.back()](const Request &, Reply reply) {
        services.is_enabled(unit, [reply](Result<bool> is) {
            http::Response r = success(json::Object{}.add("enabled", is && *is));
            if (!is)
                r.why = is.error().message;
            reply(std::move(r));
        });
    };
}

http::Call enable(Services &services, const Units &units, bool on, const std::string &failed)
{
    return without_fields([&services, units, on, failed](const Request &, Reply reply) {
        services.enable(units, on, answer(reply, -1, failed));
    });
}

http::Handler choose(Services &services, const Units &units, const std::string &failed)
{
    return with_body(
        kSwitch, [&services, units, failed](const SwitchBody &body, const Request &, Reply reply) {
            services.enable(units, body.enabled, answer(reply, -1, failed));
        });
}

struct OledBody {
    unsigned sleep_s = 0;
};
constexpr Field<OledBody> kOled[] = {
    {"sleep", "After how long without a touch it goes dark, in s", &OledBody::sleep_s, 0, 86400},
};

/// What a client asks for that no device of ours has. The wire's words for one without it.
std::vector<http::Route> lacking_routes()
{
    const auto hardware = [](const Request &, Reply reply) {
        reply(success(json::Object{}.add("version", "PCIE"))); // of those there are: has HDMI reset
    };
    const auto oled = [](const Request &, Reply reply) {
        reply(success(json::Object{}.add("exist", false).add("sleep", 0)));
    };
    const auto set_oled = [](const OledBody &, const Request &, Reply reply) {
        reply(failure(-2, "failed to write data",
                      Error{Kind::Unavailable, "this device has no display"}));
    };
    return {
        {"GET", "/api/vm/hardware", Role::User, "Tells which of the known devices this is like",
         hardware},
        {"GET", "/api/vm/oled", Role::Admin, "Tells that there is no display", oled},
        {"POST", "/api/vm/oled", Role::Admin, "Refuses: there is no display",
         with_body(kOled, set_oled)},
    };
}

} // namespace

std::vector<http::Route> system_routes(Services &services)
{
    const auto hostname = [](const Request &, Reply reply) {
        auto name = Services::hostname();
        reply(name ? success(json::Object{}.add("hostname", *name))
                   : failure(-1, "read Hostname failed", name.error().message));
    };
    const auto rename = [&services](const HostBody &b, const Request &, Reply reply) {
        set_hostname(services, b, reply);
    };
    const auto reboot = [&services](const Request &, Reply reply) {
        services.reboot(answer(reply, -1, "operation failed"));
    };
    constexpr char kFailed[] = "operation failed";
    constexpr char kNoMdns[] = "failed to enable mdns";
    constexpr char kStillMdns[] = "failed to disable mdns";
    const Units ssh{"ssh.service"};
    const Units mdns{"avahi-daemon.socket", "avahi-daemon.service"};
    std::vector<http::Route> routes = lacking_routes();
    const std::vector<http::Route> services_routes = {
        {"GET", "/api/vm/hostname", Role::User, "Reads the device’s name", hostname},
        {"POST", "/api/vm/hostname", Role::Admin, "Renames the device", with_body(kHost, rename)},
        {"GET", "/api/vm/ssh", Role::Admin, "Tells whether SSH is on", tell_enabled(services, ssh)},
        {"POST", "/api/vm/ssh", Role::Admin, "Switches SSH", choose(services, ssh, kFailed)},
        {"POST", "/api/vm/ssh/enable", Role::Admin, "Switches SSH on",
         enable(services, ssh, true, kFailed)},
        {"POST", "/api/vm/ssh/disable", Role::Admin, "Switches SSH off",
         enable(services, ssh, false, kFailed)},
        {"GET", "/api/vm/mdns", Role::Admin, "Tells whether the name is announced by mDNS",
         tell_enabled(services, mdns)},
        {"POST", "/api/vm/mdns", Role::Admin, "Switches mDNS", choose(services, mdns, kFailed)},
        {"POST", "/api/vm/mdns/enable", Role::Admin, "Switches mDNS on",
         enable(services, mdns, true, kNoMdns)},
        {"POST", "/api/vm/mdns/disable", Role::Admin, "Switches mDNS off",
         enable(services, mdns, false, kStillMdns)},
        {"POST", "/api/vm/system/reboot", Role::Admin, "Starts the device anew",
         without_fields(reboot)},
    };
    routes.insert(routes.end(), services_routes.begin(), services_routes.end());
    return routes;
}

} // namespace panto::api
