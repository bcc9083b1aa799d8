// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/http/byte_range.h"

#include <gtest/gtest.h>
#include <string>

using panto::http::ByteRange;

namespace
{

std::string of(std::string_view header, uint64_t size = 100)
{
    const ByteRange r = ByteRange::of(header, size);
    return r.kind == ByteRange::Kind::All ? "all"
           : r.kind == ByteRange::Kind::None
               ? "none"
               : std::to_string(r.first) + "+" + std::to_string(r.length);
}

} // namespace

TEST(ByteRange, IsOnePart)
{
    EXPECT_EQ(of("bytes=0-0"), "0+1");
    EXPECT_EQ(of("bytes=10-19"), "10+10");
    EXPECT_EQ(of("bytes=10-"), "10+90");
    EXPECT_EQ(of("bytes=99-"), "99+1");
}

TEST(ByteRange, EndsWithTheBody)
{
    EXPECT_EQ(of("bytes=90-1000"), "90+10");
    EXPECT_EQ(of("bytes=90-18446744073709551615"), "90+10");
}

TEST(ByteRange, MayBeTheLastSoMany)
{
    EXPECT_EQ(of("bytes=-1"), "99+1");
    EXPECT_EQ(of("bytes=-100"), "0+100");
    EXPECT_EQ(of("bytes=-1000"), "0+100");
}

TEST(ByteRange, OfWhatIsNotThereIsNone)
{
    EXPECT_EQ(of("bytes=100-"), "none");
    EXPECT_EQ(of("bytes=100-200"), "none");
    EXPECT_EQ(of("bytes=-0"), "none");
    EXPECT_EQ(of("bytes=0-", 0), "none");
    EXPECT_EQ(of("bytes=0-5", 0), "none");
}

TEST(ByteRange, ThatMakesNoSenseIsTheWhole)
{
    for (const char *header :
         {"", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=1-b", "bytes=5-4", "items=0-5",
          "bytes=0-1,5-6", "bytes= 1-2", "bytes=99999999999999999999-", "bytes=--1"})
        EXPECT_EQ(of(header), "all") << header;
}
