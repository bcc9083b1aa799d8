// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/api/rest/inside.h"

#include "daemon/auth/bytes.h"

namespace panto::api
{

http::Call inside(std::string token, http::Call then)
{
    while (token.ends_with('\n'))
        token.pop_back();
    return [token, then = std::move(then)](const http::Request &rq, http::Reply reply) {
        const bool near = rq.address.starts_with("127.") || rq.address == "::1";
        if (!near || token.empty() || !auth::equal_in_constant_time(rq.internal_token, token))
            return reply({401, "application/json; charset=utf-8", "\"unauthorized\"", {}});
        then(rq, std::move(reply));
    };
}

} // namespace panto::api
