// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/http/static.h"
#include "tests/unit/temp_dir.h"

#include <gtest/gtest.h>

using namespace panto::http;

namespace
{

class StaticFile : public testing::Test
{
protected:
    StaticFile()
    {
        dir.write("web/index.html", "<p>console");
        dir.write("web/js/app.js", "export {}");
        dir.write("secret.txt", "root:x:0");
        dir.write("webmail/index.html", "a folder whose name begins alike");
    }
    std::string header(const Response &r, const std::string &name)
    {
        for (const auto &[n, value] : r.headers)
            if (n == name)
                return value;
        return "";
    }

    TempDir dir;
    std::string root = dir.path + "/web";
    Site site{root};
};

} // namespace

TEST_F(StaticFile, IsReadWithItsType)
{
    auto page = static_file(site, "/index.html");
    ASSERT_TRUE(page);
    EXPECT_EQ(page->body, "<p>console");
    EXPECT_EQ(page->type, "text/html; charset=utf-8");
    auto script = static_file(site, "/js/app.js");
    ASSERT_TRUE(script);
    EXPECT_EQ(script->type, "text/javascript; charset=utf-8");
}

TEST_F(StaticFile, OfTheRootIsThePage)
{
    auto page = static_file(site, "/");
    ASSERT_TRUE(page);
    EXPECT_EQ(page->body, "<p>console");
}

TEST_F(StaticFile, KeepsOtherPagesFromFramingIt)
{
    auto page = static_file(site, "/");
    ASSERT_TRUE(page);
    EXPECT_NE(header(*page, "Content-Security-Policy").find("frame-ancestors 'none'"),
              std::string::npos);
    EXPECT_EQ(header(*page, "X-Content-Type-Options"), "nosniff");
}

TEST_F(StaticFile, OfOursMakesNoStylesNoWorkersAndNothingOfText)
{
    EXPECT_EQ(header(*static_file(site, "/"), "Content-Security-Policy"),
              "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
              "form-action 'self'; trusted-types 'none'; require-trusted-types-for 'script'; "
              "object-src 'none'; base-uri 'none'; frame-ancestors 'none'");
}

TEST_F(StaticFile, OfSomebodyElsesPageMayMakeThemAndStillLoadsNothingOfOtherHosts)
{
    site.is_foreign = true;
    EXPECT_EQ(header(*static_file(site, "/"), "Content-Security-Policy"),
              "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
              "style-src 'self' 'unsafe-inline'; font-src 'self' data:; "
              "script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; "
              "object-src 'none'; base-uri 'none'; frame-ancestors 'none'");
}

TEST_F(StaticFile, IsNotThereWhenMissingOrAFolder)
{
    for (const char *path :
         {"/none", "/js", "/js/", "/index.html/", "/index.html/x", "", "index.html"})
        EXPECT_FALSE(static_file(site, path)) << path;
}

TEST_F(StaticFile, NeverLiesOutsideTheRoot)
{
    for (const char *path :
         {"/../secret.txt", "/js/../../secret.txt", "/js/../../web/../secret.txt",
          "//../secret.txt", "/..", "/../webmail/index.html", "/./../secret.txt", "///etc/passwd",
          "/js/../../../../../../etc/passwd"})
        EXPECT_FALSE(static_file(site, path)) << path;
}

TEST_F(StaticFile, MayBeNamedInARoundaboutWay)
{
    auto page = static_file(site, "/js/../index.html");
    ASSERT_TRUE(page);
    EXPECT_EQ(page->body, "<p>console");
}

TEST_F(StaticFile, IsNotReachedThroughALinkThatLeavesTheRoot)
{
    std::filesystem::create_symlink(dir.path + "/secret.txt", root + "/link.txt");
    std::filesystem::create_directory_symlink(dir.path, root + "/up");
    std::filesystem::create_symlink("loop", root + "/loop");
    for (const char *path : {"/link.txt", "/up/secret.txt", "/loop"})
        EXPECT_FALSE(static_file(site, path)) << path;
}

TEST_F(StaticFile, IsReachedThroughALinkThatStays)
{
    std::filesystem::create_symlink("index.html", root + "/start");
    auto page = static_file(site, "/start");
    ASSERT_TRUE(page);
    EXPECT_EQ(page->body, "<p>console");
}

TEST_F(StaticFile, IsNotCutOffAtANul)
{
    using namespace std::string_literals;
    EXPECT_FALSE(static_file(site, "/index.html\0.png"s));
    EXPECT_FALSE(static_file(site, "/\0"s));
}

TEST_F(StaticFile, NeedsARoot)
{
    EXPECT_FALSE(static_file({}, "/etc/passwd"));
    EXPECT_FALSE(static_file({dir.path + "/none"}, "/index.html"));
}

TEST_F(StaticFile, IsNotServedWhenItIsHuge)
{
    dir.write("web/huge.js", "");
    std::filesystem::resize_file(root + "/huge.js", 1u << 30);
    EXPECT_FALSE(static_file(site, "/huge.js"));
}

TEST_F(StaticFile, IsServedOnlyIfPagesAreMadeOfItsType)
{
    for (const char *name :
         {"README.md", ".hidden", "server.yaml", "Makefile", "app.js~", "notes"}) {
        dir.write(std::string{"web/"} + name, "not for everybody");
        EXPECT_FALSE(static_file(site, std::string{"/"} + name)) << name;
    }
    for (const char *name :
         {"a.html", "a.css",  "a.js",  "a.mjs",  "a.json",        "a.svg",   "a.png",
          "a.ico",  "a.webp", "a.jpg", "a.jpeg", "a.gif",         "a.woff2", "a.woff",
          "a.ttf",  "a.otf",  "a.map", "a.txt",  "a.webmanifest", "a.wasm"}) {
        dir.write(std::string{"web/"} + name, "part of a page");
        EXPECT_TRUE(static_file(site, std::string{"/"} + name)) << name;
    }
}
