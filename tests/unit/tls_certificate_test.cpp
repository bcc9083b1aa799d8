// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/tls/certificate.h"
#include "lib/base/file.h"
#include "tests/unit/temp_dir.h"

#include <cstdio>
#include <gtest/gtest.h>
#include <memory>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

using namespace panto;

namespace
{

class Certificate : public testing::Test
{
protected:
    tls::Files files(const std::string &name)
    {
        return {dir.path + "/" + name + ".crt", dir.path + "/" + name + ".key"};
    }
    std::string why(const tls::Files &f)
    {
        auto days = tls::days_left(f);
        return days ? "" : days.error().message;
    }

    TempDir dir;
};

} // namespace

TEST_F(Certificate, ThatWeMakeIsGoodForTenYears)
{
    ASSERT_TRUE(tls::make_self_signed(files("a"), "kvm.example"));
    auto days = tls::days_left(files("a"));
    ASSERT_TRUE(days) << days.error().message;
    EXPECT_GE(*days, 3649);
    EXPECT_LE(*days, 3650);
}

TEST_F(Certificate, IsGoodForThisMachineByItsNamesAndAddresses)
{
    ASSERT_TRUE(tls::make_self_signed(files("a"), "kvm.example"));
    const auto close = [](FILE *f) { std::fclose(f); };
    const std::unique_ptr<FILE, decltype(close)> file{
        std::fopen(files("a").certificate.c_str(), "r"), close};
    const std::unique_ptr<X509, decltype(&X509_free)> x{
        PEM_read_X509(file.get(), nullptr, nullptr, nullptr), X509_free};
    ASSERT_TRUE(x);
    for (const char *host : {"kvm.example", "localhost"})
        EXPECT_EQ(X509_check_host(x.get(), host, 0, 0, nullptr), 1) << host;
    for (const char *address : {"127.0.0.1", "::1"})
        EXPECT_EQ(X509_check_ip_asc(x.get(), address, 0), 1) << address;
}

TEST_F(Certificate, KeyIsItsOwnersAlone)
{
    ASSERT_TRUE(tls::make_self_signed(files("a"), "kvm"));
    struct stat st;
    ASSERT_EQ(::stat(files("a").key.c_str(), &st), 0);
    EXPECT_EQ(st.st_mode & 0777, 0600u);
}

TEST_F(Certificate, IsMadeForAnyHostName)
{
    for (const std::string &name : {std::string{}, std::string(300, 'x'),
                                    std::string{"a,IP:1.2.3.4"}, std::string{"\xff\xfe"}}) {
        ASSERT_TRUE(tls::make_self_signed(files("a"), name)) << name;
        EXPECT_EQ(why(files("a")), "");
    }
}

TEST_F(Certificate, OfAnotherKeyIsRefused)
{
    ASSERT_TRUE(tls::make_self_signed(files("a"), "kvm"));
    ASSERT_TRUE(tls::make_self_signed(files("b"), "kvm"));
    EXPECT_NE(why({files("a").certificate, files("b").key}).find("is not the key of"),
              std::string::npos);
}

TEST_F(Certificate, ThatIsNoneIsRefused)
{
    ASSERT_TRUE(tls::make_self_signed(files("a"), "kvm"));
    dir.write("text", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    EXPECT_NE(why({dir.path + "/text", files("a").key}).find("is no certificate"),
              std::string::npos);
    EXPECT_NE(why({files("a").certificate, dir.path + "/text"}).find("is no private key"),
              std::string::npos);
}

TEST_F(Certificate, ThatIsNotThereIsNotFound)
{
    auto days = tls::days_left(files("none"));
    ASSERT_FALSE(days);
    EXPECT_EQ(days.error().kind, Kind::NotFound);
}

TEST_F(Certificate, IsLeftAloneWhenItsKeyCannotBeWritten)
{
    ASSERT_TRUE(tls::make_self_signed(files("a"), "kvm"));
    const std::string before = *read_file(files("a").certificate);
    EXPECT_FALSE(tls::make_self_signed({files("a").certificate, "/dev/null/key"}, "kvm"));
    EXPECT_EQ(*read_file(files("a").certificate), before);
}
