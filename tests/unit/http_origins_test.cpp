// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/http/origins.h"

#include <gtest/gtest.h>

using namespace panto::http;

namespace
{

Request from(const std::string &host, const std::string &origin = "")
{
    Request rq;
    rq.host = host;
    rq.origin = origin;
    return rq;
}

const std::vector<std::string> kNone;

} // namespace

TEST(OwnHost, IsAnAddressOrANameOfThisMachine)
{
    for (const char *host :
         {"192.0.2.7", "192.0.2.7:8080", "[::1]", "[2001:db8::7]:80", "localhost", "LOCALHOST:8080",
          "kvm", "Kvm:80", "kvm.", "kvm.rack.example", "kvm.local", "KVM.local.:8080",
          "kvm-2.local", "kvm-13.local:80"})
        EXPECT_TRUE(is_own_host(host, "KVM.rack.example")) << host;
    EXPECT_TRUE(is_own_host("kvm-2.local", "kvm-2")) << "that is its name";
    EXPECT_TRUE(is_own_host("kvm.local", "kvm.local"));
}

TEST(OwnHost, IsNothingElse)
{
    for (const char *host : {"",
                             ":80",
                             "evil.example",
                             "evil.example:80",
                             "kvm.evil.example",
                             "kvm.local.evil.example",
                             "localhost.evil.example",
                             "192.0.2.7.evil.example",
                             "xkvm.local",
                             "kvm-x.local",
                             "kvm-.local",
                             ".local",
                             "local",
                             "rack.example",
                             "kvm2.local",
                             "kvm-2",
                             "[evil",
                             "0x7f.1",
                             "a@localhost",
                             "evil.example:localhost"})
        EXPECT_FALSE(is_own_host(host, "kvm.rack.example")) << host;
    EXPECT_FALSE(is_own_host(".local", ""));
    EXPECT_FALSE(is_own_host("", ""));
}

TEST(ForeignPage, IsRefusedByItsOrigin)
{
    EXPECT_EQ(refuse_foreign(from("kvm.example", "http://evil.example"), nullptr)->status, 403u);
    EXPECT_FALSE(refuse_foreign(from("kvm.example", "http://kvm.example"), nullptr));
}

TEST(ForeignPage, IsRefusedByItsHostWhereThereAreNoSessions)
{
    const auto rebound = from("evil.example", "http://evil.example");
    EXPECT_FALSE(refuse_foreign(rebound, nullptr)) << "it has no cookie of ours";
    const auto refused = refuse_foreign(rebound, &kNone);
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->status, 403u);
    EXPECT_NE(refused->body.find("security.allowedHosts"), std::string::npos);
    EXPECT_FALSE(refuse_foreign(from("127.0.0.1:8080", "http://127.0.0.1:8080"), &kNone));
    EXPECT_FALSE(refuse_foreign(from(""), &kNone)) << "every browser names one";
}

TEST(ForeignPage, IsOursByANameOfTheConfiguration)
{
    const std::vector<std::string> hosts{"proxy.example", "Other.example"};
    for (const char *host : {"proxy.example", "Proxy.example:8443", "other.example."})
        EXPECT_FALSE(refuse_foreign(from(host), &hosts)) << host;
    EXPECT_TRUE(refuse_foreign(from("a.proxy.example"), &hosts));
}
