// SPDX-License-Identifier: LGPL-2.1-or-later
/// Name servers and Wi-Fi.
#include "daemon/api/rest/rest.h"

#include "daemon/api/rest/envelope.h"
#include "daemon/http/form.h"
#include "lib/glib/source.h"

namespace panto::api
{

namespace
{

using http::Reply;
using http::Request;
using http::Role;
using system::Dns;
using system::Networks;

constexpr size_t kMostServers = 6;
/// What makes guessing at a set-up page slow; this device has none.
constexpr std::chrono::seconds kNoSetUp{2};

struct WifiBody {
    std::string ssid;
    std::string password;
};
constexpr Field<WifiBody> kWifi[] = {
    required<WifiBody>({"ssid", "Name of the network", &WifiBody::ssid}),
    {"password", "Its password, 8 to 63 characters; empty: an open network", &WifiBody::password},
};
struct DnsBody {
    std::string mode;
};
constexpr Field<DnsBody> kDns[] = {
    required<DnsBody>(one_of<DnsBody>("manual|dhcp", "mode",
                                      "Where the name servers come from; manual: from the list "
                                      "servers, of 1 to 6 addresses",
                                      &DnsBody::mode)),
};

void tell_dns(Networks &networks, const Reply &reply)
{
    networks.dns([reply](Result<Dns> dns) {
        if (!dns)
            return reply(failure(-1, dns.error().message));
        const system::Network &n = dns->network;
        const auto info = json::Object{}
                              .add("interface", n.interface)
                              .add("type", n.interface.empty() ? ""
                                           : n.wireless        ? "Wireless"
                                                               : "Wired")
                              .add("address", n.address)
                              .add("subnetMask", n.mask)
                              .add("gateway", n.gateway)
                              .add("searchDomains", json::array_of(n.search));
        reply(success(json::Object{}
                          .add("mode", dns->manual ? "manual" : "dhcp")
                          .add("servers", json::array_of(dns->servers))
                          .add("effective", json::array_of(n.servers))
                          .add("dhcp", json::array_of(n.dhcp_servers))
                          .add("info", info)));
    });
}

Result<std::vector<std::string>> servers_in(const Request &rq)
{
    PANTO_TRY(body, Body::parse(rq));
    PANTO_TRY(list, body.list("servers"));
    if (!list)
        return http::form_values(rq, "servers");
    auto servers = json::texts_of(list);
    if (!servers)
        return Error{Kind::Invalid, "servers must be texts"};
    return std::move(*servers);
}

void set_dns(Networks &networks, const DnsBody &body, const Request &rq, const Reply &reply)
{
    const bool manual = body.mode == "manual";
    const auto servers = servers_in(rq);
    if (!servers)
        return reply(failure(-1, "invalid arguments", servers.error()));
    if (manual && servers->empty())
        return reply(failure(-2, "dns servers are required"));
    if (manual && servers->size() > kMostServers)
        return reply(failure(-2, "too many dns servers"));
    networks.set_dns(manual ? *servers : std::vector<std::string>{}, [reply](Result<> done) {
        if (done)
            return reply(success());
        const Error &e = done.error();
        reply(e.kind == Kind::Invalid ? failure(-2, e.message, "invalid dns server")
                                      : failure(-3, e.message));
    });
}

void tell_wifi(Networks &networks, const Reply &reply)
{
    networks.wifi([reply](Result<system::Wifi> wifi) {
        http::Response r = success(json::Object{}
                                       .add("supported", wifi && !wifi->device.empty())
                                       .add("apMode", false)
                                       .add("connected", wifi && wifi->connected)
                                       .add("ssid", wifi ? wifi->ssid : ""));
        if (!wifi) // a system that has nobody to manage Wi-Fi has none
            r.why = wifi.error().message;
        reply(std::move(r));
    });
}

/// The codes of a path that joins a network.
struct JoinCodes {
    int invalid, failed, unknown;
};
constexpr JoinCodes kConnect{-1, -2, -3};
constexpr JoinCodes kSetUp{-2, -3, -3};

http::Handler join_with(Networks &networks, const JoinCodes &codes)
{
    const auto join = [&networks, &codes](const WifiBody &body, const Request &, Reply reply) {
        networks.connect_wifi(body.ssid, body.password, [&codes, reply](Result<> done) {
            if (done)
                return reply(success());
            const Error &e = done.error();
            if (e.kind == Kind::Invalid)
                return reply(failure(codes.invalid, "invalid parameters", e));
            const bool unknown = e.code == Networks::kUnknown;
            reply(unknown ? failure(codes.unknown, "failed to get wifi status", e)
                          : failure(codes.failed, "failed to connect wifi", e));
        });
    };
    return with_body(kWifi, join, {codes.invalid, "invalid parameters"});
}

void no_set_up(const Reply &reply)
{
    after(kNoSetUp, [reply] { reply(failure(-1, "invalid mode")); }).detach();
}

} // namespace

std::vector<http::Route> network_routes(Networks &networks)
{
    const auto dns = [&networks](const Request &, Reply reply) { tell_dns(networks, reply); };
    const auto change = [&networks](const DnsBody &body, const Request &rq, Reply reply) {
        set_dns(networks, body, rq, reply);
    };
    const auto wifi = [&networks](const Request &, Reply reply) { tell_wifi(networks, reply); };
    const auto leave = [&networks](const Request &, Reply reply) {
        networks.disconnect_wifi(answer(reply, -1, "failed to stop wifi"));
    };
    const auto verify = [](const Request &, Reply reply) { no_set_up(reply); };
    // Of old clients an admin's is taken for the other path; nobody else's is, as there is no
    // set-up.
    http::Handler old = join_with(networks, kSetUp);
    const http::Call joined = std::get<http::Call>(old.answer);
    old.answer = http::Call{[joined](const Request &rq, Reply reply) {
        rq.principal.role == Role::Admin ? joined(rq, std::move(reply)) : no_set_up(reply);
    }};
    return {
        {"GET", "/api/network/dns", Role::Admin, "Tells how names are asked for", dns},
        {"POST", "/api/network/dns", Role::Admin, "Sets where names are asked for",
         with_body(kDns, change, {.no_choice = -1, .no_choice_msg = "invalid dns mode"})},
        {"GET", "/api/network/wifi", Role::Admin, "Tells how Wi-Fi stands", wifi},
        {"POST", "/api/network/wifi", Role::Anyone,
         "Joins a Wi-Fi network, for admins; there is no set-up mode", old},
        {"POST", "/api/network/wifi/verify", Role::Anyone, "Refuses: there is no set-up mode",
         verify},
        {"POST", "/api/network/wifi/connect", Role::Admin, "Joins a Wi-Fi network",
         join_with(networks, kConnect)},
        {"POST", "/api/network/wifi/disconnect", Role::Admin, "Leaves the Wi-Fi network",
         without_fields(leave)},
    };
}

} // namespace panto::api
