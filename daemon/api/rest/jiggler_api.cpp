// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/api/rest/rest.h"

#include "daemon/api/rest/envelope.h"
#include "daemon/hid/jiggler.h"

namespace panto::api
{

namespace
{

using hid::Jiggler;
using http::Reply;
using http::Request;
using http::Role;

constexpr char kNote[] = "mouse-jiggler"; // holds the mode while it is on

struct JigglerBody {
    bool enabled = false;
    std::string mode;
};
constexpr Field<JigglerBody> kBody[] = {
    {"enabled", "Whether the pointer moves by itself while nobody uses it", &JigglerBody::enabled},
    {"mode", "relative or absolute: which pointer moves; empty: relative", &JigglerBody::mode},
};

void set(Jiggler &jiggler, state::Notes &notes, const JigglerBody &body, const Reply &reply)
{
    const auto mode = hid::parse_jiggler_mode(body.mode.empty() ? "relative" : body.mode);
    if (!mode)
        return reply(failure(-1, "invalid arguments",
                             Error{Kind::Invalid, "mode must be relative or absolute"}));
    const auto wanted = body.enabled ? mode : std::nullopt;
    const auto done = [&jiggler, wanted, reply](Result<> kept) {
        if (!kept)
            return reply(failure(-2, "operation failed", kept.error().message));
        jiggler.set(wanted);
        reply(success());
    };
    if (wanted)
        notes.write(kNote, hid::text(*wanted), done);
    else
        notes.remove(kNote, done);
}

} // namespace

std::vector<http::Route> jiggler_routes(Jiggler &jiggler, state::Notes &notes)
{
    jiggler.set(hid::parse_jiggler_mode(notes.text(kNote)));
    const auto tell = [&jiggler](const Request &, Reply reply) {
        const auto mode = jiggler.mode();
        reply(success(json::Object{}
                          .add("enabled", mode.has_value())
                          .add("mode", hid::text(mode.value_or(Jiggler::Mode::Relative)))));
    };
    return {
        {"GET", "/api/vm/mouse-jiggler", Role::Admin, "Tells whether the pointer moves by itself",
         tell},
        {"POST", "/api/vm/mouse-jiggler", Role::Admin,
         "Moves the pointer every 15 s while nobody uses it",
         with_body(kBody, [&jiggler, &notes](const JigglerBody &b, const Request &,
                                             Reply reply) { set(jiggler, notes, b, reply); })},
    };
}

} // namespace panto::api
