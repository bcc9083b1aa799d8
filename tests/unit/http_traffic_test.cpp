// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/http/traffic.h"

#include <gtest/gtest.h>

using namespace panto;
using namespace panto::http;

namespace
{

Route route(const char *method, const char *path)
{
    return {method, path, Role::User, "", Call{}};
}

} // namespace

TEST(Traffic, NamesARouteAsTheDocumentDoes)
{
    EXPECT_EQ(id_of(route("GET", "/api/vm/info")), "get_api_vm_info");
    EXPECT_EQ(id_of(route("POST", "/api/vm/memory-limit")), "post_api_vm_memorylimit");
    EXPECT_EQ(id_of(route("DELETE", "/api/auth/users/:name")), "delete_api_auth_users__name");
}

TEST(Traffic, CountsByRouteAndStatus)
{
    const Route info = route("GET", "/api/vm/info");
    Traffic traffic;
    traffic.count(&info, 200, 0.25);
    traffic.count(&info, 200, 0.5);
    traffic.count(&info, 401, 0.25);
    traffic.count(nullptr, 404, 0.125);
    const std::string text = traffic.text(3);
    const auto says = [&](const std::string &line) {
        return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
    };
    EXPECT_TRUE(says("pantograph_http_connections 3"));
    EXPECT_TRUE(says("pantograph_http_requests_total{route=\"get_api_vm_info\",status=\"200\"} 2"));
    EXPECT_TRUE(says("pantograph_http_requests_total{route=\"get_api_vm_info\",status=\"401\"} 1"));
    EXPECT_TRUE(says("pantograph_http_requests_total{route=\"none\",status=\"404\"} 1"));
    EXPECT_TRUE(says("pantograph_http_request_seconds_sum{route=\"get_api_vm_info\"} 1.000000"));
    EXPECT_TRUE(says("pantograph_http_request_seconds_count{route=\"get_api_vm_info\"} 3"));
    EXPECT_TRUE(says("# TYPE pantograph_http_requests_total counter"));
}
