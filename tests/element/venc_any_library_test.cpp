// SPDX-License-Identifier: LGPL-2.1-or-later
/// What must be so with every library, also where nobody can decode what comes out: a vendor's own
/// under a stand-in for its kernel driver (-Dmpp-library=PATH). It is not asked for pictures, nor
/// for what it keeps to itself.
#include "tests/element/venc_fixture.h"

using namespace panto::venc::test;

namespace
{

/// The library is the one that the environment names.
class VencAnyLibrary : public VencElement
{
};

} // namespace

TEST_F(VencAnyLibrary, MakesOnePacketOfEachPictureInTheSameCall)
{
    make();
    start(1920, 1080, "NV12", "framerate=60/1");
    for (int i = 0; i < 20; ++i) {
        const auto unit = encode();
        ASSERT_TRUE(unit) << i;
        EXPECT_EQ(unit->key, i == 0) << i;
        EXPECT_EQ(unit->dts, unit->pts);
        EXPECT_FALSE(pull());
    }
    EXPECT_EQ(stat("failed"), 0u);
    EXPECT_EQ(errors(), "");
}

TEST_F(VencAnyLibrary, BeginsWithTheProfileAndTheLevelThatWereAskedFor)
{
    make();
    start(1920, 1080, "NV12", "framerate=60/1");
    const auto unit = encode();
    ASSERT_TRUE(unit);
    EXPECT_EQ(unit->profile(), (std::vector<int>{0x42, 0xe0, 42}));
}

TEST_F(VencAnyLibrary, MakesAKeyFrameWithHeadersOfThePictureItIsAskedFor)
{
    make();
    start();
    for (int i = 0; i < 20; ++i) {
        if (i == 10)
            ask_for_key();
        const auto unit = encode();
        ASSERT_TRUE(unit);
        EXPECT_EQ(unit->key, i == 0 || i == 10) << i;
        EXPECT_EQ(!unit->profile().empty(), unit->key) << i;
    }
}

TEST_F(VencAnyLibrary, TakesAnotherBitRateWithoutAKeyFrame)
{
    make();
    start();
    for (int i = 0; i < 5; ++i)
        EXPECT_TRUE(encode());
    set("bitrate", 1000u);
    for (int i = 0; i < 5; ++i)
        EXPECT_TRUE(encode());
    EXPECT_EQ(stat("idr"), 1u);
}

TEST_F(VencAnyLibrary, BeginsAnewWithOtherCaps)
{
    make();
    start(1920, 1080);
    EXPECT_TRUE(encode());
    start(1280, 720);
    const auto unit = encode();
    ASSERT_TRUE(unit);
    EXPECT_TRUE(unit->key);
    EXPECT_EQ(unit->profile(), (std::vector<int>{0x42, 0xe0, 31}));
}

TEST_F(VencAnyLibrary, ReadsADmabufWithoutACopyAndWithoutAnotherDescriptor)
{
    make();
    start();
    Captures captures;
    const Picture picture{width_, height_};
    const std::array memories{captures.memory(picture.nv12()), captures.memory(picture.nv12())};
    const auto encode_one = [&](size_t i) {
        EXPECT_EQ(push(Captures::buffer(memories[i % 2])), GST_FLOW_OK);
        EXPECT_TRUE(pull());
    };
    for (size_t i = 0; i < 10; ++i)
        encode_one(i);
    const size_t before = descriptors();
    for (size_t i = 0; i < 200; ++i)
        encode_one(i);
    EXPECT_EQ(descriptors(), before);
    EXPECT_EQ(stat("copies"), 0u);
}

TEST_F(VencAnyLibrary, MakesAJpegOfEachPicture)
{
    make("vencjpegenc");
    start();
    for (int i = 0; i < 5; ++i) {
        const auto unit = encode();
        ASSERT_TRUE(unit);
        EXPECT_TRUE(unit->key);
    }
}
