// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/http/multipart.h"

#include <gtest/gtest.h>

using namespace panto;
using http::PartReader;

namespace
{

constexpr char kType[] = "multipart/form-data; boundary=\"cut here\"";
const std::string kContent = "one\r\n--cut her\r\n\r\n--\r\n\r\ntwo";

std::string part(const std::string &name, const std::string &content)
{
    return "--cut here\r\nContent-Disposition: form-data; name=\"" + name +
           "\"; filename=\"a.iso\"\r\nContent-Type: x/y\r\n\r\n" + content + "\r\n";
}

/// Feeds it in blocks of that size; what came of the part.
std::string read(PartReader &reader, const std::string &body, size_t block)
{
    std::string out;
    for (size_t at = 0; at < body.size(); at += block) {
        auto content = reader.feed(std::string_view{body}.substr(at, block));
        EXPECT_TRUE(content) << content.error().message;
        out += content ? *content : "";
    }
    return out;
}

} // namespace

TEST(PartReader, FindsThePartHoweverTheBodyIsCut)
{
    const std::string body =
        part("note", "x") + part("file", kContent) + part("file", "again") + "--cut here--\r\n";
    for (size_t block = 1; block <= body.size(); ++block) {
        auto reader = PartReader::create(kType, "file");
        ASSERT_TRUE(reader);
        EXPECT_EQ(read(*reader, body, block), kContent) << "in blocks of " << block;
        EXPECT_TRUE(reader->began() && reader->ended() && reader->whole());
        EXPECT_EQ(reader->filename(), "a.iso");
    }
}

TEST(PartReader, GivesTheContentBeforeItHasAll)
{
    auto reader = PartReader::create(kType, "file");
    const std::string body = part("file", std::string(100'000, 'x'));
    auto content = reader->feed(body.substr(0, 50'000));
    ASSERT_TRUE(content);
    EXPECT_GT(content->size(), 49'000u);
    EXPECT_TRUE(reader->began());
    EXPECT_FALSE(reader->ended());
}

TEST(PartReader, TellsABodyThatEndsTooSoonFromOneWithoutThePart)
{
    auto cut = PartReader::create(kType, "file");
    read(*cut, part("note", "x"), 1000);
    EXPECT_FALSE(cut->began() || cut->whole());
    auto without = PartReader::create(kType, "file");
    read(*without, part("note", "x") + "--cut here--", 1000);
    EXPECT_FALSE(without->began());
    EXPECT_TRUE(without->whole());
}

TEST(PartReader, RefusesWhatIsNoMultipart)
{
    EXPECT_FALSE(PartReader::create("application/json", "file"));
    EXPECT_FALSE(PartReader::create("multipart/form-data", "file"));
    EXPECT_FALSE(PartReader::create("multipart/mixed; boundary=x", "file"));
    auto junk = PartReader::create(kType, "file");
    EXPECT_FALSE(junk->feed("--cut here, please\r\n"));
    auto endless = PartReader::create(kType, "file");
    EXPECT_FALSE(endless->feed("--cut here\r\n" + std::string(20'000, 'x')));
}
