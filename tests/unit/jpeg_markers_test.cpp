// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/jpeg/markers.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

using namespace panto::jpeg;

namespace
{

using Data = std::vector<uint8_t>;

Data operator+(Data a, const Data &b)
{
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

Data segment(uint8_t marker, const Data &body)
{
    const size_t length = body.size() + 2;
    return Data{0xff, marker, uint8_t(length >> 8), uint8_t(length)} + body;
}

Data comment(const std::string &text)
{
    return segment(0xfe, Data(text.begin(), text.end()));
}

const Data kStart{0xff, 0xd8};
const Data kTables = segment(0xdb, Data(65, 1));
const Data kFrame =
    segment(0xc0, {8, 0x02, 0xd0, 0x05, 0x00, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1});
const Data kScanHeader = segment(0xda, {3, 1, 0, 2, 0x11, 3, 0x11, 0, 63, 0});
const Data kCoded{0x12, 0xff, 0x00, 0x34, 0xff, 0xd0, 0x56, 0xff, 0xd9};

Data picture(const Data &remarks = {}, const Data &coded = kCoded)
{
    return kStart + remarks + kTables + kFrame + kScanHeader + coded;
}

} // namespace

TEST(JpegHeader, TellsSizeComponentsAndWhereTheScanBegins)
{
    const Data jpeg = picture(comment("hello"));
    const auto header = read_header(jpeg);
    ASSERT_TRUE(header);
    EXPECT_EQ(header->width, 1280u);
    EXPECT_EQ(header->height, 720u);
    EXPECT_EQ(header->components, 3u);
    EXPECT_EQ(Data(header->scan.begin(), header->scan.end()), kCoded);
}

TEST(JpegEnd, IsTheLastMarkerWhateverStandsBehind)
{
    const Data whole = picture();
    for (const Data &behind : {Data{}, Data(3, 0), Data(20, 0x11), Data(20, 0xff), Data{0xd9}}) {
        const Data jpeg = whole + behind;
        EXPECT_EQ(end_of(jpeg, *read_header(jpeg)), whole.size());
    }
}

TEST(JpegEnd, IsNotThereInOneThatIsCutOff)
{
    const Data whole = picture();
    for (size_t size = whole.size() - kCoded.size(); size < whole.size(); ++size) {
        const Data jpeg{whole.begin(), whole.begin() + ptrdiff_t(size)};
        EXPECT_EQ(end_of(jpeg, *read_header(jpeg)), 0u);
    }
}

TEST(JpegHeader, SkipsFillBytesBetweenSegments)
{
    EXPECT_TRUE(read_header(kStart + Data{0xff, 0xff} + kFrame + Data{0xff} + kScanHeader));
}

TEST(JpegHeader, IsNothingForAFileCutOffAnywhereBeforeItsScan)
{
    const Data jpeg = picture();
    const size_t scan = jpeg.size() - kCoded.size();
    for (size_t size = 0; size < scan; ++size)
        ASSERT_FALSE(read_header(Bytes{jpeg}.first(size))) << size;
    EXPECT_TRUE(read_header(Bytes{jpeg}.first(scan)));
}

TEST(JpegHeader, IsNothingForBytesThatAreNoJpeg)
{
    EXPECT_FALSE(read_header({}));
    EXPECT_FALSE(read_header(Data(100, 0xff)));
    EXPECT_FALSE(read_header(kStart + Data{0xff, 0xdb, 0, 0, 0, 0}));   // a length below its own
    EXPECT_FALSE(read_header(kStart + kTables + kScanHeader + kCoded)); // a scan of no frame
    EXPECT_FALSE(read_header(kStart + Data{0xff, 0xd9, 0, 2} + kFrame + kScanHeader));
}

TEST(JpegHeader, IsNothingForAFrameHeaderTooShort)
{
    EXPECT_FALSE(read_header(kStart + segment(0xc0, {8, 2, 0xd0}) + kScanHeader));
}

TEST(JpegPicture, IsTheSameWithOtherRemarks)
{
    EXPECT_TRUE(same_picture(picture(), picture()));
    EXPECT_TRUE(same_picture(picture(comment("TS=1")), picture(comment("TS=12"))));
    EXPECT_TRUE(same_picture(picture(segment(0xe0, {1, 2})), picture()));
}

TEST(JpegPicture, IsAnotherWithOtherCodedBytesTablesOrSize)
{
    const Data other = kStart + segment(0xdb, Data(65, 2)) + kFrame + kScanHeader + kCoded;
    EXPECT_FALSE(same_picture(picture(), picture({}, {0x13, 0xff, 0xd9})));
    EXPECT_FALSE(same_picture(picture(), picture({}, kCoded + Data{0})));
    EXPECT_FALSE(same_picture(picture(), other));
}

TEST(JpegPicture, IsNotComparedPastBrokenSegments)
{
    Data a = picture(comment("a")), b = picture(comment("b"));
    a[3] = b[3] = 0xd9;
    EXPECT_FALSE(same_picture(a, b));
    EXPECT_TRUE(same_picture(a, a)); // the same bytes are the same picture, whatever they are
}
