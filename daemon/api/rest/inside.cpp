// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/api/rest/inside.h"

#include "daemon/auth/bytes.h"

namespace panto::api
{

http::Handler inside(std::string token, http::Call then)
{
    while (token.ends_with('\n'))
        token.pop_back();
    http::Handler handler = [token, then = std::move(then)](const http::Request &rq,
                                                            http::Reply reply) {
        if (!http::is_loopback(rq.address) || token.empty() ||
            !auth::equal_in_constant_time(rq.internal_token, token))
            return reply({401, "application/json; charset=utf-8", "\"unauthorized\"", {}});
        then(rq, std::move(reply));
    };
    handler.inside = true;
    return handler;
}

} // namespace panto::api
