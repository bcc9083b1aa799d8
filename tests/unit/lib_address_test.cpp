// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/base/address.h"

#include <gtest/gtest.h>

using namespace panto;
using namespace std::string_literals;

TEST(Address, IsAnIpAddressOfEitherFamily)
{
    for (const auto &text :
         {"127.0.0.1"s, "0.0.0.0"s, "::"s, "::1"s, "2001:db8::9"s, "fe80::1%eth0"s})
        EXPECT_TRUE(is_ip_address(text)) << text;
}

TEST(Address, IsNoName)
{
    for (const auto &text : {""s, "localhost"s, "not-an-ip"s, "1.2.3"s, "1.2.3.256"s, "[::1]"s,
                             "1.2.3.4:80"s, "1.2.3.4%eth0"s, " 1.2.3.4"s, "1.2.3.4\0x"s, ":::"s})
        EXPECT_FALSE(is_ip_address(text)) << text;
}

TEST(Address, MayBeAHostWithAPort)
{
    for (const auto &text : {"stun.example.org:3478"s, "stun:3478"s, "10.0.0.1:1"s, "[::1]:65535"s,
                             "my_host-2:19302"s})
        EXPECT_TRUE(is_host_and_port(text)) << text;
}

TEST(Address, IsNoUrlAndHasNoEmptyPart)
{
    for (const auto &text :
         {""s, "stun.example.org"s, ":3478"s, "host:"s, "host:0"s, "host:65536"s, "host:http"s,
          "stun:stun.example.org:3478"s, "http://x:80"s, "a b:80"s, "::1:80"s, "[::1]"s, "[x]:80"s,
          "host:80/"s, "host:-1"s, "host:+1"s, ".host:1"s, std::string(300, 'a') + ":1"})
        EXPECT_FALSE(is_host_and_port(text)) << text;
}
