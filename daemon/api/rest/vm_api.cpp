// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/api/rest/rest.h"

#include "daemon/api/rest/envelope.h"
#include "daemon/system/info.h"

namespace panto::api
{

namespace
{

using http::Reply;
using http::Request;
using http::Role;

constexpr unsigned kDefaultPressMs = 800;

struct Press {
    std::string type;
    unsigned duration_ms = 0;
};
constexpr Field<Press> kPress[] = {
    required<Press>({"type", "Which button: power or reset", &Press::type}),
    {"duration", "How long it is held, in ms, 30000 at the most; 0 means 800", &Press::duration_ms},
};

/// `mdns` is "" while nothing announces a name.
json::Object describe(const system::Info &i, const std::string &mdns, const std::string &device_key)
{
    json::Array ips;
    for (const auto &ip : i.addresses)
        ips.add(json::Object{}
                    .add("name", ip.interface)
                    .add("addr", ip.address)
                    .add("version", "IPv4")
                    .add("type", ip.wireless ? "Wireless" : "Wired"));
    return json::Object{}
        .add("ips", ips)
        .add("mdns", mdns)
        .add("image", i.image)
        .add("application", i.version)
        .add("deviceKey", device_key)
        .add("ip", i.addresses.empty() ? "" : i.addresses[0].address)
        .add("firmware", i.version)
        .add("device_key", device_key);
}

} // namespace

std::vector<http::Route> vm_routes(power::Power &power, system::Services &services,
                                   const std::string &device_key)
{
    const auto info = [&services, device_key](const Request &, Reply reply) {
        services.mdns_name([device_key, reply](Result<std::string> mdns) {
            reply(success(describe(system::info(), mdns ? *mdns : "", device_key)));
        });
    };
    const auto leds = [&power](const Request &, Reply reply) {
        auto now = power.leds();
        if (!now)
            return reply(failure(-2, "failed to read power led: " + now.error().message));
        reply(success(json::Object{}.add("pwr", now->power).add("hdd", now->disk)));
    };
    const auto press = [&power](const Press &p, const Request &, Reply reply) {
        const std::chrono::milliseconds hold{p.duration_ms ? p.duration_ms : kDefaultPressMs};
        power.press(p.type, hold, [reply](Result<> done) {
            if (done)
                return reply(success());
            const Error &e = done.error();
            reply(e.kind == Kind::NotFound  ? failure(-2, e.message, "invalid power event")
                  : e.kind == Kind::Invalid ? failure(-1, "invalid arguments: " + e.message)
                                            : failure(-3, "operation failed: " + e.message));
        });
    };
    return {
        {"GET", "/api/vm/info", Role::User, "Tells addresses, versions and the device's key", info},
        {"GET", "/api/vm/gpio", Role::User, "Reads the front panel's LEDs", leds},
        {"GET", "/api/vm/gpio/led", Role::User, "Reads the front panel's LEDs", leds},
        {"POST", "/api/vm/gpio", Role::User, "Presses a front-panel button and lets go again",
         with_body(kPress, press, {.tells_why = true})},
    };
}

} // namespace panto::api
