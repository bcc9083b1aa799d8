// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/http/message.h"
#include "daemon/http/route.h"

#include <gtest/gtest.h>

using namespace panto::http;

namespace
{

using Params = std::map<std::string, std::string>;

} // namespace

TEST(Route, MatchesItsOwnPathAndNoOther)
{
    Params params;
    EXPECT_TRUE(matches("/api/vm/info", "/api/vm/info", params));
    for (const char *other : {"", "/", "/api/vm/inf", "/api/vm/info2", "/api/vm/info/x",
                              "/api/vm/Info", "api/vm/info", "/api//vm/info"})
        EXPECT_FALSE(matches("/api/vm/info", other, params)) << other;
}

TEST(Route, FindsItsParameters)
{
    Params params;
    EXPECT_TRUE(matches("/api/:room/file/:name", "/api/vm/file/a.b", params));
    EXPECT_EQ(params, (Params{{"room", "vm"}, {"name", "a.b"}}));
}

TEST(Route, WantsEveryParameterToHoldSomething)
{
    Params params;
    for (const char *path : {"/whep/", "/whep", "/whep/a/b", "/whep//a"})
        EXPECT_FALSE(matches("/whep/:id", path, params)) << path;
}

TEST(Route, LeavesTheParametersAloneWhenItIsAnother)
{
    Params params{{"kept", "yes"}};
    EXPECT_FALSE(matches("/a/:id/b", "/a/1/c", params));
    EXPECT_EQ(params, (Params{{"kept", "yes"}}));
}

TEST(RouteTable, FindsARouteByItsMethodAndPath)
{
    RouteTable table;
    const Call none = [](const Request &, Reply) {};
    table.add({"GET", "/api/vm/info", Role::User, "", none});
    table.add({"POST", "/api/vm/info", Role::Admin, "", none});
    table.add({"GET", "/api/:room/file/:name", Role::User, "", none});
    table.add({"GET", "/api/vm/file/new", Role::Admin, "", none});
    Params params;
    EXPECT_EQ(table.find("POST", "/api/vm/info", params), &table.all()[1]);
    EXPECT_EQ(table.find("GET", "/api/vm/file/new", params), &table.all()[3]) << "no name in it";
    EXPECT_TRUE(params.empty());
    EXPECT_EQ(table.find("GET", "/api/vm/file/a", params), &table.all()[2]);
    EXPECT_EQ(params, (Params{{"room", "vm"}, {"name", "a"}}));
    for (const char *path : {"/api/vm/inf", "/api/vm/info/", "", "/api/vm/file"})
        EXPECT_EQ(table.find("GET", path, params), nullptr) << path;
    EXPECT_EQ(table.find("PUT", "/api/vm/info", params), nullptr);
}

TEST(Cookie, IsFoundAmongOthers)
{
    EXPECT_EQ(cookie("nano-kvm-token=abc", "nano-kvm-token"), "abc");
    EXPECT_EQ(cookie("a=1; nano-kvm-token=abc; b=2", "nano-kvm-token"), "abc");
    EXPECT_EQ(cookie("a=1;nano-kvm-token=abc", "nano-kvm-token"), "abc");
    EXPECT_EQ(cookie("nano-kvm-token=a=b==", "nano-kvm-token"), "a=b==");
    for (const char *header : {"a=1;  t=abc ; c", "t= abc", "t=\"abc\"", "t=\"abc\"\t; c=2"})
        EXPECT_EQ(cookie(header, "t"), "abc") << header;
    EXPECT_EQ(cookie("t=\"", "t"), "\"");
}

TEST(Cookie, OfTwoTheFirstCounts)
{
    EXPECT_EQ(cookie("t=first; t=second", "t"), "first");
}

TEST(Cookie, IsNotFoundInAnotherName)
{
    for (const char *header : {"", ";", "xt=1", "t", "tt=1", "T=1", "=1", ";;;", "t ; x=t=1"})
        EXPECT_EQ(cookie(header, "t"), "") << header;
}

TEST(Origin, IsFineWhenThereIsNone)
{
    EXPECT_TRUE(same_origin("", "kvm.local", false));
}

TEST(Origin, NamesTheHostTheRequestWasSentTo)
{
    EXPECT_TRUE(same_origin("http://kvm.local", "kvm.local", false));
    EXPECT_TRUE(same_origin("http://KVM.local", "kvm.LOCAL", false));
    EXPECT_TRUE(same_origin("http://kvm.local:8080", "kvm.local:8080", false));
    EXPECT_TRUE(same_origin("http://[::1]:8080", "[::1]:8080", false));
}

TEST(Origin, HasItsSchemesDefaultPort)
{
    EXPECT_TRUE(same_origin("http://kvm.local:80", "kvm.local", false));
    EXPECT_TRUE(same_origin("https://kvm.local", "kvm.local", true));
    EXPECT_TRUE(same_origin("https://[fe80::1]", "[fe80::1]:443", true));
    EXPECT_FALSE(same_origin("https://kvm.local", "kvm.local", false));
    EXPECT_FALSE(same_origin("http://kvm.local", "kvm.local", true));
}

TEST(Origin, IsForeignWhenItNamesAnotherHostOrPort)
{
    for (const char *origin :
         {"http://evil.example", "http://kvm.local.evil.example", "http://kvm.local:81",
          "http://evil.example/kvm.local", "http://kvm.local@evil.example", "null", "kvm.local",
          "http://", "://kvm.local", " ", "file://"})
        EXPECT_FALSE(same_origin(origin, "kvm.local", false)) << origin;
}

TEST(Origin, IsForeignToARequestWithoutAHost)
{
    EXPECT_FALSE(same_origin("http://", "", false));
    EXPECT_FALSE(same_origin("http://evil.example", "", false));
}
