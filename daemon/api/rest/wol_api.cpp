// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/api/rest/rest.h"

#include "daemon/api/rest/envelope.h"

namespace panto::api
{

namespace
{

using http::Reply;
using http::Request;
using http::Role;

struct Target {
    std::string mac;
    std::string name;
    std::string interface;
};
constexpr Field<Target> kWake[] = {
    {"mac", "Address of the computer's network card", &Target::mac},
    {"interface", "Interface to send by; empty: every one that is up", &Target::interface},
};
constexpr Field<Target> kForget[] = {
    {"mac", "Address of the computer's network card", &Target::mac},
};
constexpr Field<Target> kName[] = {
    {"mac", "Address of the computer's network card", &Target::mac},
    {"name", "What people call the computer", &Target::name},
};

http::Response missing(const char *field)
{
    return failure(-1, "invalid arguments",
                   Error{Kind::Invalid, std::string{field} + " is required"});
}

http::Response bad_mac(const Error &why)
{
    return failure(-2, "invalid MAC address", why);
}

/// How a change of the remembered ones ends.
Done<> answer_change(Reply reply)
{
    return [reply](Result<> changed) {
        if (changed)
            return reply(success());
        const Error &e = changed.error();
        reply(e.code == power::WakeOnLan::kBadName && e.kind == Kind::Invalid
                  ? failure(-1, "invalid arguments", e)
              : e.kind == Kind::Invalid     ? bad_mac(e)
              : e.kind == Kind::Unavailable ? failure(-2, "read failed", e)
                                            : failure(-3, "write failed", e));
    };
}

} // namespace

std::vector<http::Route> wol_routes(power::WakeOnLan &wol)
{
    const auto wake = [&wol](const Target &t, const Request &, Reply reply) {
        if (t.mac.empty())
            return reply(missing("mac"));
        wol.wake(t.mac, t.interface, [reply](Result<> done) {
            if (done)
                return reply(success());
            const Error &e = done.error();
            reply(e.kind == Kind::Invalid ? bad_mac(e) : failure(-3, e.message));
        });
    };
    const auto list = [&wol](const Request &, Reply reply) {
        wol.list([reply](Result<std::vector<std::string>> macs) {
            if (!macs) // a client of old firmware takes exactly this text for "none yet"
                return reply(failure(-2, "open file error", macs.error().message));
            reply(success(json::Object{}.add("macs", json::array_of(*macs))));
        });
    };
    const auto forget = [&wol](const Target &t, const Request &, Reply reply) {
        if (t.mac.empty())
            return reply(missing("mac"));
        wol.forget(t.mac, answer_change(reply));
    };
    const auto name = [&wol](const Target &t, const Request &, Reply reply) {
        if (t.mac.empty() || t.name.empty())
            return reply(missing(t.mac.empty() ? "mac" : "name"));
        wol.name(t.mac, t.name, answer_change(reply));
    };
    return {
        {"POST", "/api/network/wol", Role::User, "Wakes a computer by its network card",
         with_body(kWake, wake)},
        {"GET", "/api/network/wol/mac", Role::User, "Lists the computers that were woken", list},
        {"DELETE", "/api/network/wol/mac", Role::Admin, "Forgets a computer that was woken",
         with_body(kForget, forget)},
        {"POST", "/api/network/wol/mac/name", Role::Admin, "Names a computer that can be woken",
         with_body(kName, name)},
    };
}

} // namespace panto::api
