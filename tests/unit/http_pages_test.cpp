// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/http/pages.h"
#include "tests/unit/temp_dir.h"

#include <gio/gio.h>
#include <gtest/gtest.h>

using namespace panto;
using namespace panto::http;

namespace
{

std::string header(const Response &r, const std::string &name)
{
    for (const auto &[n, value] : r.headers)
        if (n == name)
            return value;
    return "";
}

std::string unzipped(const std::string &body)
{
    g_autoptr(GZlibDecompressor) converter = g_zlib_decompressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP);
    std::string out(1 << 20, '\0');
    gsize read = 0, written = 0;
    const auto result =
        g_converter_convert(G_CONVERTER(converter), body.data(), body.size(), out.data(),
                            out.size(), G_CONVERTER_INPUT_AT_END, &read, &written, nullptr);
    EXPECT_EQ(result, G_CONVERTER_FINISHED);
    out.resize(written);
    return out;
}

class PagesTest : public testing::Test
{
protected:
    PagesTest()
    {
        dir.write("web/index.html", page);
        dir.write("web/short.js", "export {}");
        dir.write("web/mark.png", std::string(4096, 'p'));
    }
    Response get(const std::string &path, const Asked &asked = {})
    {
        return pages.get(path, asked).value();
    }

    const std::string page = std::string(4000, 'a') + "</html>";
    TempDir dir;
    Pages pages{Site{dir.path + "/web"}};
};

} // namespace

TEST_F(PagesTest, AreCompressedForWhoTakesThat)
{
    for (const char *takes : {"gzip", "br, gzip", "deflate,gzip;q=0.5", " gzip ; q=1.0 , br"}) {
        const Response r = get("/", {"", takes});
        EXPECT_EQ(header(r, "Content-Encoding"), "gzip") << takes;
        EXPECT_LT(r.body.size(), page.size() / 10);
        EXPECT_EQ(unzipped(r.body), page);
    }
}

TEST_F(PagesTest, GoOutAsTheyAreToOthers)
{
    for (const char *takes : {"", "br", "identity", "gzip;q=0", "gzip; q=0.0", "xgzip", ","}) {
        const Response r = get("/", {"", takes});
        EXPECT_EQ(header(r, "Content-Encoding"), "") << takes;
        EXPECT_EQ(r.body, page);
        EXPECT_EQ(header(r, "Vary"), "Accept-Encoding") << "for caches between";
    }
}

TEST_F(PagesTest, AreNotCompressedWhereItDoesNotPay)
{
    for (const char *path : {"/short.js", "/mark.png"}) {
        const Response r = get(path, {"", "gzip"});
        EXPECT_EQ(header(r, "Content-Encoding"), "") << path;
        EXPECT_EQ(header(r, "Vary"), "");
    }
}

TEST_F(PagesTest, DoNotGoOutToWhoHasThem)
{
    for (const char *takes : {"", "gzip"}) {
        const std::string tag = header(get("/", {"", takes}), "ETag");
        ASSERT_GT(tag.size(), 10u);
        for (const std::string &has : {tag, "W/" + tag, "\"x\", " + tag, std::string{"*"}}) {
            const Response r = get("/", {has, takes});
            EXPECT_EQ(r.status, 304u) << has;
            EXPECT_EQ(r.body, "");
            EXPECT_EQ(header(r, "ETag"), tag);
            EXPECT_NE(header(r, "Content-Security-Policy"), "");
        }
        EXPECT_EQ(get("/", {"\"x\"", takes}).status, 200u);
    }
    EXPECT_NE(header(get("/", {"", ""}), "ETag"), header(get("/", {"", "gzip"}), "ETag"));
}

TEST_F(PagesTest, GoOutAgainOnceTheyHaveChanged)
{
    const std::string tag = header(get("/", {"", "gzip"}), "ETag");
    dir.write("web/index.html", page + "<!-- new -->");
    const Response r = get("/", {tag, "gzip"});
    EXPECT_EQ(r.status, 200u);
    EXPECT_EQ(unzipped(r.body), page + "<!-- new -->");
}

TEST_F(PagesTest, ThatAreNotThereAreNotThere)
{
    EXPECT_FALSE(pages.get("/none.js", {"*", "gzip"}));
}
