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
        dir.write("web/.hidden", "seen by name only");
        dir.write("secret", "root:x:0");
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
};

} // namespace

TEST_F(StaticFile, IsReadWithItsType)
{
    auto page = static_file(root, "/index.html");
    ASSERT_TRUE(page);
    EXPECT_EQ(page->body, "<p>console");
    EXPECT_EQ(page->type, "text/html; charset=utf-8");
    auto script = static_file(root, "/js/app.js");
    ASSERT_TRUE(script);
    EXPECT_EQ(script->type, "text/javascript; charset=utf-8");
}

TEST_F(StaticFile, OfTheRootIsThePage)
{
    auto page = static_file(root, "/");
    ASSERT_TRUE(page);
    EXPECT_EQ(page->body, "<p>console");
}

TEST_F(StaticFile, KeepsOtherPagesFromFramingIt)
{
    auto page = static_file(root, "/");
    ASSERT_TRUE(page);
    EXPECT_NE(header(*page, "Content-Security-Policy").find("frame-ancestors 'none'"),
              std::string::npos);
    EXPECT_EQ(header(*page, "X-Content-Type-Options"), "nosniff");
}

TEST_F(StaticFile, IsNotThereWhenMissingOrAFolder)
{
    for (const char *path :
         {"/none", "/js", "/js/", "/index.html/", "/index.html/x", "", "index.html"})
        EXPECT_FALSE(static_file(root, path)) << path;
}

TEST_F(StaticFile, NeverLiesOutsideTheRoot)
{
    for (const char *path : {"/../secret", "/js/../../secret", "/js/../../web/../secret",
                             "//../secret", "/..", "/../webmail/index.html", "/./../secret",
                             "///etc/passwd", "/js/../../../../../../etc/passwd"})
        EXPECT_FALSE(static_file(root, path)) << path;
}

TEST_F(StaticFile, MayBeNamedInARoundaboutWay)
{
    auto page = static_file(root, "/js/../index.html");
    ASSERT_TRUE(page);
    EXPECT_EQ(page->body, "<p>console");
}

TEST_F(StaticFile, IsNotReachedThroughALinkThatLeavesTheRoot)
{
    std::filesystem::create_symlink(dir.path + "/secret", root + "/link");
    std::filesystem::create_directory_symlink(dir.path, root + "/up");
    std::filesystem::create_symlink("loop", root + "/loop");
    for (const char *path : {"/link", "/up/secret", "/loop"})
        EXPECT_FALSE(static_file(root, path)) << path;
}

TEST_F(StaticFile, IsReachedThroughALinkThatStays)
{
    std::filesystem::create_symlink("index.html", root + "/start");
    auto page = static_file(root, "/start");
    ASSERT_TRUE(page);
    EXPECT_EQ(page->body, "<p>console");
}

TEST_F(StaticFile, IsNotCutOffAtANul)
{
    using namespace std::string_literals;
    EXPECT_FALSE(static_file(root, "/index.html\0.png"s));
    EXPECT_FALSE(static_file(root, "/\0"s));
}

TEST_F(StaticFile, NeedsARoot)
{
    EXPECT_FALSE(static_file("", "/etc/passwd"));
    EXPECT_FALSE(static_file(dir.path + "/none", "/index.html"));
}

TEST_F(StaticFile, IsNotServedWhenItIsHuge)
{
    dir.write("web/huge.bin", "");
    std::filesystem::resize_file(root + "/huge.bin", 1u << 30);
    EXPECT_FALSE(static_file(root, "/huge.bin"));
}
