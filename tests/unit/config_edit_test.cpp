// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/config/edit.h"

#include "daemon/config/config.h"
#include "lib/base/file.h"

#include <gtest/gtest.h>
#include <unistd.h>

using namespace panto;
using namespace panto::config;

TEST(WithValue, KeepsTheRestOfTheFile)
{
    const std::string text = "# ours\nproto: http # for now\nport:\n  http: 80\n";
    EXPECT_EQ(with_value(text, "proto", "https"),
              "# ours\nproto: https # for now\nport:\n  http: 80\n");
}

TEST(WithValue, TakesTheKeyAtTheMarginOnly)
{
    EXPECT_EQ(with_value("a:\n  proto: x\nprotos: http\n", "proto", "https"),
              "a:\n  proto: x\nprotos: http\nproto: https\n");
    EXPECT_EQ(with_value("#proto: http\nproto : http", "proto", "https"),
              "#proto: http\nproto : https");
}

TEST(WithValue, ChangesTheKeyAsItIsSpeltThere)
{
    EXPECT_EQ(with_value("protocol: http # old\nhost: x\n", "proto", "https"),
              "protocol: https # old\nhost: x\n");
    EXPECT_EQ(with_value("proto: http\nprotocol: http\n", "proto", "https"),
              "proto: https\nprotocol: http\n");
}

TEST(WithValue, AddsALineWhereThereIsNone)
{
    EXPECT_EQ(with_value("", "proto", "https"), "proto: https\n");
    EXPECT_EQ(with_value("host: ::1", "proto", "https"), "host: ::1\nproto: https\n");
}

class ConfigFile : public testing::Test
{
protected:
    ConfigFile() { unlink(path_.c_str()); }
    ~ConfigFile() override { unlink(path_.c_str()); }

    const std::string path_ = testing::TempDir() + "edit-server.yaml";
};

TEST_F(ConfigFile, IsMadeWhenThereIsNone)
{
    ASSERT_TRUE(set_value(path_, "proto", "https"));
    EXPECT_EQ(*read_file(path_), "proto: https\n");
    EXPECT_EQ(load(path_)->server.proto, "https");
}

TEST_F(ConfigFile, SaysTheOtherValueAfterwards)
{
    ASSERT_TRUE(replace_file(path_, "logger: info\nproto: \"http\"\n", 0640));
    ASSERT_TRUE(set_value(path_, "proto", "https"));
    EXPECT_EQ(*read_file(path_), "logger: info\nproto: https\n");
    ASSERT_TRUE(replace_file(path_, "protocol: http\nport: 80\n", 0640));
    ASSERT_TRUE(set_value(path_, "proto", "https"));
    EXPECT_EQ(load(path_)->server.proto, "https");
}

TEST_F(ConfigFile, IsLeftAloneWhenItWouldNotSaySo)
{
    for (const std::string text : {"{proto: http}\n", "port: [\n", "- a list\n"}) {
        ASSERT_TRUE(replace_file(path_, text, 0600));
        EXPECT_EQ(set_value(path_, "proto", "https").error().kind, Kind::Invalid) << text;
        EXPECT_EQ(*read_file(path_), text);
    }
}
