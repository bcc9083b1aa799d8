// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/auth/api_key.h"

#include <gtest/gtest.h>
#include <optional>
#include <vector>

using namespace panto;
using namespace panto::auth;

namespace
{

const Error kNone{Kind::NotFound, "not set"};

/// An ApiKey whose texts are kept, or are not: as the test wishes.
class ApiKeyTest : public testing::Test
{
protected:
    ApiKey with(const Result<std::string> &text)
    {
        return {"pre_", text, [this](const std::string &t, Done<> done) {
                    if (!writes)
                        return done(Error{Kind::Unavailable, "disk full"});
                    kept.push_back(t);
                    done(ok);
                }};
    }
    Done<> heard()
    {
        return [this](Result<> r) { answer = std::move(r); };
    }

    bool writes = true;
    std::vector<std::string> kept;
    std::optional<Result<>> answer;
};

} // namespace

TEST_F(ApiKeyTest, IsNotThereBeforeItIsMade)
{
    auto key = with(kNone);
    EXPECT_EQ(key.key().error().kind, Kind::NotFound);
    key.ensure(heard());
    ASSERT_TRUE(*answer);
    EXPECT_EQ(key.key()->substr(0, 4), "pre_");
    EXPECT_EQ(key.key()->size(), 4u + 43u) << "32 bytes as base64url without padding";
    EXPECT_EQ(kept, std::vector<std::string>{R"({"apiKey":")" + *key.key() + R"("})"});
}

TEST_F(ApiKeyTest, IsTheOneThatWasKept)
{
    auto first = with(kNone);
    first.ensure(heard());
    auto second = with(kept[0]);
    EXPECT_EQ(*second.key(), *first.key());
    second.ensure(heard());
    EXPECT_EQ(kept.size(), 1u) << "there is no need for another";
}

TEST_F(ApiKeyTest, IsAnotherOneAfterRenewal)
{
    auto key = with(std::string{R"({"apiKey":"pre_old"})"});
    key.renew(heard());
    ASSERT_TRUE(*answer);
    EXPECT_NE(*key.key(), "pre_old");
    EXPECT_EQ(kept.size(), 1u);
}

TEST_F(ApiKeyTest, StaysWhenTheNewOneCannotBeKept)
{
    auto key = with(std::string{R"({"apiKey":"pre_old"})"});
    writes = false;
    key.renew(heard());
    EXPECT_FALSE(*answer);
    EXPECT_EQ(*key.key(), "pre_old");
}

TEST_F(ApiKeyTest, IsUnreadableWhenTheFileHoldsNone)
{
    for (const char *text : {"", "x", "{}", R"({"apiKey":""})", R"({"apiKey":5})"}) {
        auto key = with(std::string{text});
        EXPECT_EQ(key.key().error().kind, Kind::Unavailable) << text;
        key.ensure(heard());
        EXPECT_FALSE(*answer) << "it is not for us to overwrite " << text;
        key.renew(heard());
        EXPECT_TRUE(*answer) << "unless somebody wishes so";
        EXPECT_TRUE(key.key());
    }
}
