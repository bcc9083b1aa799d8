// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/api/rest/tls_api.h"

#include "daemon/api/rest/envelope.h"

namespace panto::api
{

namespace
{

using http::Reply;
using http::Request;
using http::Role;

struct TlsBody {
    bool enabled = false;
};
constexpr Field<TlsBody> kTls[] = {
    {"enabled", "Whether pages are served over https", &TlsBody::enabled},
};

} // namespace

std::vector<http::Route> tls_routes(TlsSwitch tls)
{
    const auto tell = [is_on = tls.is_on](const Request &, Reply reply) {
        reply(success(json::Object{}.add("enabled", is_on())));
    };
    const auto set = [change = tls.set](const TlsBody &body, const Request &, Reply reply) {
        change(body.enabled, answer(reply, -2, "operation failed"));
    };
    return {
        {"GET", "/api/vm/tls", Role::Admin, "Tells whether pages are served over https", tell},
        {"POST", "/api/vm/tls", Role::Admin, "Serves pages over https, or over http again",
         with_body(kTls, set, {.tells_why = true})},
    };
}

} // namespace panto::api
