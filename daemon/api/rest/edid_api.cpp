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

struct Wish {
    std::string preset;
    std::string edid;
};
constexpr Field<Wish> kWish[] = {
    {"preset", "Name of a preset, as GET tells them", &Wish::preset},
    {"edid", "Or an EDID of one's own, in hexadecimal digits", &Wish::edid},
};

http::Response refused(const Error &e)
{
    const bool bad = e.kind == Kind::Invalid || e.kind == Kind::NotFound;
    return bad ? failure(-1, "invalid arguments", e) : failure(-2, e.message);
}

} // namespace

std::vector<http::Route> edid_routes(edid::Sink &sink)
{
    const auto read = [&sink](const Request &, Reply reply) {
        sink.read([reply](Result<edid::Shown> shown) {
            if (!shown)
                return reply(refused(shown.error()));
            json::Array presets;
            for (const auto &name : shown->presets)
                presets.add(name);
            reply(success(json::Object{}
                              .add("edid", edid::to_hex(shown->edid))
                              .add("preset", shown->preset)
                              .add("presets", presets)));
        });
    };
    const auto set = [&sink](const Wish &wish, const Request &, Reply reply) {
        if (wish.preset.empty() == wish.edid.empty())
            return reply(failure(-1, "invalid arguments",
                                 Error{Kind::Invalid, "either preset or edid is required"}));
        const auto answer = [reply](Result<> done) {
            reply(done ? success() : refused(done.error()));
        };
        if (!wish.preset.empty())
            return sink.set_preset(wish.preset, answer);
        auto bytes = edid::from_hex(wish.edid);
        if (!bytes)
            return reply(refused(bytes.error()));
        sink.set(std::move(*bytes), answer);
    };
    return {
        {"GET", "/api/vm/edid", Role::Admin, "Reads the EDID that the computer sees", read},
        {"POST", "/api/vm/edid", Role::Admin, "Sets the EDID that the computer sees",
         with_body(kWish, set)},
    };
}

} // namespace panto::api
