// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/auth/bytes.h"
#include "daemon/auth/jwt.h"

#include <glib.h>
#include <gtest/gtest.h>

using namespace panto;
using namespace panto::auth;
using namespace std::chrono_literals;

namespace
{

constexpr char kKey[] = "0123456789abcdef0123456789abcdef";
const std::chrono::system_clock::time_point kNow{1'790'000'000s};

Claims claims()
{
    return {"admin", 7, kNow, kNow + 1h};
}

/// Header and payload with a right signature, whatever they say.
std::string signed_token(const std::string &header, const std::string &payload)
{
    const std::string text = base64url(header) + "." + base64url(payload);
    g_autofree char *hex =
        g_compute_hmac_for_string(G_CHECKSUM_SHA256, reinterpret_cast<const guchar *>(kKey),
                                  sizeof kKey - 1, text.c_str(), gssize(text.size()));
    std::string mac;
    for (const char *c = hex; *c; c += 2)
        mac += char(g_ascii_xdigit_value(c[0]) * 16 + g_ascii_xdigit_value(c[1]));
    return text + "." + base64url(mac);
}

/// Why the token is refused, or "" when it is not.
std::string refusal(const std::string &token)
{
    auto r = verify_token(token, kKey, kNow);
    return r ? "" : r.error().message;
}

constexpr char kHeader[] = R"({"alg":"HS256","typ":"JWT"})";
constexpr char kPayload[] = R"({"username":"admin","tokenVersion":7,"sub":"admin",)"
                            R"("iat":1790000000,"exp":1790003600})";

} // namespace

TEST(Jwt, CarriesItsClaims)
{
    auto r = verify_token(sign_token(claims(), kKey), kKey, kNow);
    ASSERT_TRUE(r) << r.error().message;
    EXPECT_EQ(r->username, "admin");
    EXPECT_EQ(r->token_version, 7u);
    EXPECT_EQ(r->issued, kNow);
    EXPECT_EQ(r->expires, kNow + 1h);
}

TEST(Jwt, IsSpelledAsTheStandardSays)
{
    EXPECT_EQ(sign_token(claims(), kKey), signed_token(kHeader, kPayload));
    // Source: made with Python's hmac and base64 modules
    auto r = verify_token("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
                          "eyJ1c2VybmFtZSI6ImEiLCJ0b2tlblZlcnNpb24iOjEsImV4cCI6MTc5MDAwMDAwMX0."
                          "H3q28Dzq6Fp9w3j9sgmCxq3rDfPU3_Man6-k0dfAc7U",
                          kKey, kNow);
    ASSERT_TRUE(r) << r.error().message;
    EXPECT_EQ(r->username, "a");
}

TEST(Jwt, EndsAtItsExpiry)
{
    const std::string token = sign_token(claims(), kKey);
    EXPECT_TRUE(verify_token(token, kKey, kNow + 1h - 1s));
    auto r = verify_token(token, kKey, kNow + 1h);
    ASSERT_FALSE(r);
    EXPECT_EQ(r.error().message, "token expired");
    EXPECT_EQ(r.error().kind, Kind::Denied);
}

TEST(Jwt, RefusesAnotherKey)
{
    EXPECT_FALSE(verify_token(sign_token(claims(), "another key"), kKey, kNow));
}

TEST(Jwt, RefusesEveryFlippedBit)
{
    const std::string token = sign_token(claims(), kKey);
    for (size_t i = 0; i < token.size(); ++i) {
        for (int bit = 0; bit < 8; ++bit) {
            std::string flipped = token;
            flipped[i] = char(flipped[i] ^ (1 << bit));
            EXPECT_FALSE(verify_token(flipped, kKey, kNow)) << i << " " << bit;
        }
    }
}

TEST(Jwt, RefusesEveryCutToken)
{
    const std::string token = sign_token(claims(), kKey);
    for (size_t i = 0; i < token.size(); ++i)
        EXPECT_FALSE(verify_token(token.substr(0, i), kKey, kNow)) << i;
    EXPECT_FALSE(verify_token(token + "A", kKey, kNow));
    EXPECT_FALSE(verify_token(token + ".", kKey, kNow));
    EXPECT_FALSE(verify_token(std::string(100000, '.'), kKey, kNow));
}

TEST(Jwt, RefusesEveryOtherAlgorithm)
{
    EXPECT_EQ(refusal(signed_token(kHeader, kPayload)), "");
    for (const char *header :
         {R"({"alg":"none"})", R"({"alg":"None"})", R"({"alg":"HS512"})", R"({"alg":"RS256"})",
          R"({"alg":"hs256"})", R"({"typ":"JWT"})", R"({"alg":null})", R"({"alg":["HS256"]})",
          R"({"alg":"HS256","crit":["x"]})"}) {
        EXPECT_EQ(refusal(signed_token(header, kPayload)), "not an HS256 token") << header;
    }
    const std::string unsigned_token = base64url(R"({"alg":"none"})") + "." + base64url(kPayload);
    EXPECT_EQ(refusal(unsigned_token + "."), "wrong signature");
    EXPECT_EQ(refusal(unsigned_token), "malformed token");
}

TEST(Jwt, NeedsItsClaims)
{
    const auto refused = [](const char *payload) {
        return refusal(signed_token(kHeader, payload));
    };
    EXPECT_EQ(refused(R"({"username":"a","tokenVersion":1})"), "claim missing");
    EXPECT_EQ(refused(R"({"username":"a","tokenVersion":1,"exp":"1790003600"})"), "claim missing");
    EXPECT_EQ(refused(R"({"username":"a","tokenVersion":0,"exp":1790003600})"), "claim missing");
    EXPECT_EQ(refused(R"({"username":"a","tokenVersion":-1,"exp":1790003600})"), "claim missing");
    EXPECT_EQ(refused(R"({"username":"a","exp":1790003600})"), "claim missing");
    EXPECT_EQ(refused(R"({"username":"","tokenVersion":1,"exp":1790003600})"), "claim missing");
    EXPECT_EQ(refused(R"({"tokenVersion":1,"exp":1790003600})"), "claim missing");
    EXPECT_EQ(refused(R"({"username":"a","tokenVersion":1,"exp":-5})"), "token expired");
    EXPECT_EQ(refused(R"({"username":"a","tokenVersion":1,"exp":1790003600,"sub":"b"})"),
              "token of two users");
    EXPECT_EQ(refused(R"({"username":"a","tokenVersion":1,"exp":1790003600,"nbf":1790000001})"),
              "token not valid yet");
    EXPECT_EQ(refused("[]"), "malformed token");
    EXPECT_EQ(refused("{"), "malformed token");
}

TEST(Jwt, SurvivesADateBeyondAllDates)
{
    const auto refused = [](const char *payload) {
        return refusal(signed_token(kHeader, payload));
    };
    EXPECT_EQ(refused(R"({"username":"a","tokenVersion":1,"exp":9223372036854775807})"), "");
    EXPECT_EQ(refused(R"({"username":"a","tokenVersion":1,"exp":-9223372036854775808})"),
              "token expired");
    EXPECT_EQ(refused(R"({"username":"a","tokenVersion":1,"exp":9223372036854775808})"),
              "claim missing");
}

TEST(TokenReader, KnowsAWellSignedTokenAgainAndNoOther)
{
    TokenReader reader{kKey};
    const std::string token = sign_token(claims(), kKey);
    for (int i = 0; i < 3; ++i) {
        auto r = reader.read(token, kNow);
        ASSERT_TRUE(r) << r.error().message;
        EXPECT_EQ(r->username, "admin");
    }
    EXPECT_EQ(reader.known(), 1u);
    for (size_t i = 0; i < token.size(); ++i) {
        std::string flipped = token;
        flipped[i] = flipped[i] == 'A' ? 'B' : 'A';
        EXPECT_FALSE(reader.read(flipped, kNow)) << i;
    }
    EXPECT_EQ(reader.known(), 1u);
}

TEST(TokenReader, RefusesAKnownTokenOnceItHasExpired)
{
    TokenReader reader{kKey};
    const std::string token = sign_token(claims(), kKey);
    ASSERT_TRUE(reader.read(token, kNow));
    EXPECT_FALSE(reader.read(token, kNow + 1h));
    EXPECT_EQ(reader.known(), 0u);
}

TEST(TokenReader, KnowsNoMoreThan64)
{
    TokenReader reader{kKey};
    for (uint64_t i = 1; i <= 200; ++i) {
        Claims one = claims();
        one.token_version = i;
        auto r = reader.read(sign_token(one, kKey), kNow);
        ASSERT_TRUE(r);
        EXPECT_EQ(r->token_version, i);
        EXPECT_LE(reader.known(), 64u);
    }
}
