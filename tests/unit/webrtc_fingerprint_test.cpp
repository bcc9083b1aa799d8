// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/webrtc/fingerprint.h"

#include <gtest/gtest.h>

using namespace panto::webrtc;

namespace
{

// What a certificate's bytes are does not matter here: these are "hello", and its digests are those
// that sha1sum and the like give.
const std::string kPem = "-----BEGIN CERTIFICATE-----\naGVs\nbG8=\n-----END CERTIFICATE-----\n";

std::string with_colons(const std::string &hex)
{
    std::string out;
    for (size_t i = 0; i < hex.size(); i += 2)
        out += (i ? ":" : "") + hex.substr(i, 2);
    return out;
}

const std::string kSha1 = "sha-1 " + with_colons("AAF4C61DDCC5E8A2DABEDE0F3B482CD9AEA9434D");
const std::string kSha256 =
    "sha-256 " + with_colons("2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");

} // namespace

TEST(Fingerprint, IsAHashAndAsManyBytesAsItHas)
{
    EXPECT_EQ(read_fingerprint(kSha1), Fingerprint::Good);
    EXPECT_EQ(read_fingerprint(kSha256), Fingerprint::Good);
    EXPECT_EQ(read_fingerprint("SHA-256" + kSha256.substr(7)), Fingerprint::Good);
    for (const std::string &text :
         {std::string{"sha-256"}, std::string{"sha-256 "}, kSha256.substr(0, 102), kSha256 + ":",
          kSha256 + ":00", "sha-1" + kSha256.substr(7), "sha-256 x" + kSha256.substr(9)})
        EXPECT_EQ(read_fingerprint(text), Fingerprint::Malformed) << text;
    for (const char *text : {"", " ", "md2 00", "sha-0 00", "sha-2567 00"})
        EXPECT_EQ(read_fingerprint(text), Fingerprint::UnknownHash) << text;
}

TEST(Fingerprint, IsThatOfACertificateInAnyHashAndCase)
{
    EXPECT_TRUE(is_certificate_of(kPem, {kSha1}));
    EXPECT_TRUE(is_certificate_of(kPem, {kSha256}));
    EXPECT_TRUE(is_certificate_of(kPem, {"md2 00", "", "sha-1", kSha256}));
}

TEST(Fingerprint, IsNotThatOfAnotherCertificate)
{
    std::string other = kSha256;
    other.back() = '5';
    EXPECT_FALSE(is_certificate_of(kPem, {other}));
    EXPECT_FALSE(is_certificate_of(kPem, {}));
    EXPECT_FALSE(is_certificate_of(kPem, {"", "sha-256", "sha-256 ", "md2 00"}));
    const std::string longer = "-----BEGIN CERTIFICATE-----\naGVsbG8h\n-----END CERTIFICATE-----\n";
    EXPECT_FALSE(is_certificate_of(longer, {kSha1, kSha256}));
}

TEST(Fingerprint, IsNotThatOfNoCertificate)
{
    const std::string of_nothing =
        "sha-256 " +
        with_colons("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    for (const char *pem : {"", "hello", "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----",
                            "-----END CERTIFICATE-----\naGVsbG8=\n-----BEGIN CERTIFICATE-----",
                            "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----"})
        EXPECT_FALSE(is_certificate_of(pem, {kSha1, kSha256, of_nothing})) << pem;
}
