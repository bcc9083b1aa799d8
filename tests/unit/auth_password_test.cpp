// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/auth/bytes.h"
#include "daemon/auth/password.h"

#include <gtest/gtest.h>

using namespace panto;
using namespace panto::auth;

namespace
{

constexpr char kLong[] = "correct horse battery staple 1234567890";
constexpr char kLongField[] = "U2FsdGVkX18BAgMEBQYHCOLRbhNYdvZvm7RmtoZSeBBex8SIOSXXoJTbScdA1nzoBazO"
                              "oUqKPg6Ob2dXlnsKTQ==";
const std::string kSalt = "\x01\x02\x03\x04\x05\x06\x07\x08";

/// What the field decodes to, or "(refused)".
std::string decoded(std::string_view field)
{
    auto password = decode_password(field);
    return password ? *password : "(refused)";
}

std::string replaced(std::string text, const std::string &from, const std::string &to)
{
    for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
        text.replace(at, from.size(), to);
    return text;
}

} // namespace

TEST(Password, DecodesWhatTheWebPageSends)
{
    EXPECT_EQ(decoded("U2FsdGVkX18BAgMEBQYHCDqqQ2txUJEymiuPNgygcGQ%3D"), "admin");
    EXPECT_EQ(decoded("U2FsdGVkX18BAgMEBQYHCDqqQ2txUJEymiuPNgygcGQ="), "admin");
    EXPECT_EQ(decoded("U2FsdGVkX18BAgMEBQYHCDqqQ2txUJEymiuPNgygcGQ"), "admin");
    EXPECT_EQ(decoded(" U2FsdGVkX18BAgMEBQYHCDqqQ2txUJEymiuPNgygcGQ%3d\n"), "admin");
}

TEST(Password, DecodesWhatOpensslBrokeIntoLines)
{
    EXPECT_EQ(decoded(kLongField), kLong);
    const std::string field = kLongField;
    EXPECT_EQ(decoded(field.substr(0, 64) + "\n" + field.substr(64)), kLong);
    EXPECT_EQ(decoded(field.substr(0, 64) + "%0A" + field.substr(64) + "%0D%0A"), kLong);
}

TEST(Password, DecodesTheFormWithTheInitialVectorInFront)
{
    EXPECT_EQ(decoded("AAECAwQFBgcICQoLDA0OD5DV0hepb9WJPcYS61Eg9K0="), "admin");
    EXPECT_EQ(decoded("AAECAwQFBgcICQoLDA0OD5DV0hepb9WJPcYS61Eg9K0%3D"), "admin");
}

TEST(Password, TakesASpaceForThePlusThatAFormDecoderAte)
{
    // Some salt whose text holds a plus sign in its middle.
    std::string field;
    for (char c = 0; field.find('+') == std::string::npos; ++c)
        field = encode_password("kvm", std::string(7, c) + "x");
    EXPECT_EQ(decoded(field), "kvm");
    EXPECT_EQ(decoded(replaced(field, "+", " ")), "kvm");
    EXPECT_EQ(decoded(replaced(field, "+", "%2B")), "kvm");
}

TEST(Password, EncodesAsTheWebPageDoes)
{
    EXPECT_EQ(encode_password("admin", kSalt), "U2FsdGVkX18BAgMEBQYHCDqqQ2txUJEymiuPNgygcGQ=");
    EXPECT_EQ(encode_password(kLong, kSalt), kLongField);
    EXPECT_EQ(decoded(encode_password("", kSalt)), "");
    EXPECT_EQ(decoded(encode_password("sch\u00f6n", kSalt)), "sch\u00f6n");
}

TEST(Password, RefusesWhatIsNoObfuscatedPassword)
{
    for (const std::string bad :
         {"", "admin", "%", "%4", "%zz", "U2FsdGVkX18=", "U2FsdGVkX18BAgMEBQYHCA==", "====",
          "U2FsdGVkX18BAgMEBQYHCDqqQ2txUJEymiuPNgygcG==", "\xff\xfe", "!!!!",
          "AAECAwQFBgcICQoLDA0OD5DV0hepb9WJPcYS61Eg9K4=", "-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_"}) {
        EXPECT_EQ(decoded(bad), "(refused)") << bad;
    }
    EXPECT_EQ(decoded(std::string(5000, 'A')), "(refused)");
    EXPECT_EQ(decoded(std::string(64, '\0')), "(refused)");
}

TEST(Password, SurvivesEveryCutAndEveryFlippedByteOfAGoodField)
{
    const std::string field = kLongField;
    for (size_t i = 0; i < field.size(); ++i) {
        const bool is_padding = i >= field.size() - 2; // may be cut off
        EXPECT_EQ(decoded(field.substr(0, i)) == kLong, is_padding) << i;
        std::string flipped = field;
        flipped[i] = char(flipped[i] ^ 0x11);
        EXPECT_NE(decoded(flipped), kLong) << i;
    }
}

TEST(Bcrypt, MatchesItsOwnHashAndNoOther)
{
    auto hashed = hash_password("correct horse", 4);
    ASSERT_TRUE(hashed) << hashed.error().message;
    EXPECT_TRUE(hashed->starts_with("$2b$04$"));
    EXPECT_TRUE(password_matches("correct horse", *hashed));
    EXPECT_FALSE(password_matches("correct horsf", *hashed));
    EXPECT_FALSE(password_matches("", *hashed));
    EXPECT_NE(*hashed, *hash_password("correct horse", 4));
}

TEST(Bcrypt, ReadsTheHashesOfOtherWriters)
{
    // Source: the test vectors of Openwall's crypt_blowfish
    EXPECT_TRUE(
        password_matches("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"));
    EXPECT_TRUE(
        password_matches("U*U", "$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"));
    EXPECT_FALSE(
        password_matches("U*V", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"));
}

TEST(Bcrypt, RefusesWhatItWouldCutShort)
{
    EXPECT_TRUE(hash_password(std::string(72, 'x'), 4));
    EXPECT_FALSE(hash_password(std::string(73, 'x'), 4));
    EXPECT_FALSE(hash_password(std::string{"a\0b", 3}, 4));
    auto hashed = hash_password("a", 4);
    EXPECT_FALSE(password_matches(std::string{"a\0b", 3}, *hashed));
    EXPECT_FALSE(password_matches(std::string(73, 'x'), *hash_password(std::string(72, 'x'), 4)));
}

TEST(Bcrypt, MatchesNothingThatIsNoHash)
{
    for (const std::string bad : {"", "admin", "*0", "$2b$04$", "$1$abc$def", "$2b$99$"}) {
        EXPECT_FALSE(is_bcrypt(bad)) << bad;
        EXPECT_FALSE(password_matches("admin", bad)) << bad;
    }
    const std::string impossible = "$2b$99$" + std::string(53, '.');
    EXPECT_FALSE(password_matches("admin", impossible));
    EXPECT_FALSE(hash_password("admin", 3));
    EXPECT_FALSE(hash_password("admin", 32));
}

TEST(Bytes, SpellBase64AsTheStandardDoes)
{
    // Source: RFC 4648, section 10
    EXPECT_EQ(base64(""), "");
    EXPECT_EQ(base64("f"), "Zg==");
    EXPECT_EQ(base64("fo"), "Zm8=");
    EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
    EXPECT_EQ(base64url("\xfb\xff"), "-_8");
    for (const std::string text : {"", "f", "fo", "foo", "foob", "fooba", "foobar"}) {
        EXPECT_EQ(*from_base64(base64(text)), text);
        EXPECT_EQ(*from_base64url(base64url(text)), text);
    }
}

TEST(Bytes, HaveOneSpellingForUrls)
{
    EXPECT_FALSE(from_base64url("Zg=="));
    EXPECT_FALSE(from_base64url("Zh")); // bits left over
    EXPECT_FALSE(from_base64url("Z"));
    EXPECT_FALSE(from_base64url("Zm9+"));
    EXPECT_FALSE(from_base64("Zg==="));
}

TEST(Bytes, AreEqualOnlyWhenAllAre)
{
    EXPECT_TRUE(equal_in_constant_time("", ""));
    EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
    EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
    EXPECT_FALSE(equal_in_constant_time("abc", "abcd"));
}

TEST(Bytes, AreRandom)
{
    EXPECT_EQ(random_bytes(1000).size(), 1000u);
    EXPECT_NE(random_bytes(16), random_bytes(16));
}
