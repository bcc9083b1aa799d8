// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/venc/rules.h"

#include <gtest/gtest.h>

using namespace panto::venc;

namespace
{

Video video(Pixels pixels, unsigned width, unsigned height)
{
    Video v;
    v.pixels = pixels;
    v.width = width;
    v.height = height;
    return v;
}

/// NV12 as drivers lay it out: chroma right behind `lines` lines.
Placement nv12(int stride, size_t lines)
{
    return {2, {0, size_t(stride) * lines}, {stride, stride}, size_t(stride) * lines * 3 / 2};
}

std::string why(const panto::Result<Layout> &r)
{
    return r ? "it can" : r.error().message;
}

} // namespace

TEST(VencRules, FindTheH264LevelOfSizeAndRate)
{
    EXPECT_EQ(h264_level(176, 144, 15, 1), 10u);
    EXPECT_EQ(h264_level(640, 480, 30, 1), 30u);
    EXPECT_EQ(h264_level(1280, 720, 30, 1), 31u);
    EXPECT_EQ(h264_level(1280, 720, 60, 1), 32u);
    EXPECT_EQ(h264_level(1920, 1080, 30, 1), 40u);
    EXPECT_EQ(h264_level(1920, 1080, 60, 1), 42u);
    EXPECT_EQ(h264_level(1920, 1080, 60000, 1001), 42u);
    EXPECT_EQ(h264_level(2560, 1440, 60, 1), 51u);
    EXPECT_EQ(h264_level(3840, 2160, 30, 1), 51u);
    EXPECT_EQ(h264_level(3840, 2160, 60, 1), 52u);
    EXPECT_EQ(h264_level(7680, 4320, 30, 1), 60u);
}

TEST(VencRules, FindTheH264LevelWhoseLongestSideHolds)
{
    EXPECT_EQ(h264_level(3840, 64, 1, 1), 40u) << "960 macroblocks, but 240 in a row";
}

TEST(VencRules, GiveTheHighestLevelToWhatIsBeyondAll)
{
    EXPECT_EQ(h264_level(8192, 8192, 240, 1), 62u);
    EXPECT_EQ(h265_level(8192, 8192, 240, 1), 186u);
}

TEST(VencRules, FindTheH265LevelOfSizeAndRate)
{
    EXPECT_EQ(h265_level(1280, 720, 30, 1), 93u);
    EXPECT_EQ(h265_level(1920, 1080, 30, 1), 120u);
    EXPECT_EQ(h265_level(1920, 1080, 60, 1), 123u);
    EXPECT_EQ(h265_level(3840, 2160, 30, 1), 150u);
    EXPECT_EQ(h265_level(3840, 2160, 60, 1), 153u);
}

TEST(VencRules, WriteLevelsAsCapsDo)
{
    EXPECT_EQ(level_text(Codec::H264, 42), "4.2");
    EXPECT_EQ(level_text(Codec::H264, 40), "4");
    EXPECT_EQ(level_text(Codec::H265, 123), "4.1");
    EXPECT_EQ(level_text(Codec::H265, 150), "5");
}

TEST(VencRules, KeepAConstantRateWithinASixteenth)
{
    Settings s;
    s.bitrate_kbps = 4000;
    EXPECT_EQ(bit_rates(s), (BitRates{4'000'000, 4'250'000, 3'750'000}));
}

TEST(VencRules, LetAVariableRateFallToASixteenth)
{
    Settings s;
    for (const char *mode : {"vbr", "avbr"}) {
        s.rate_control = mode;
        EXPECT_EQ(bit_rates(s), (BitRates{4'000'000, 4'250'000, 250'000})) << mode;
    }
}

TEST(VencRules, TakeAMaximumOfTheUsersThatIsNotBelowTheTarget)
{
    Settings s;
    s.max_bitrate_kbps = 6000;
    EXPECT_EQ(bit_rates(s).max, 6'000'000u);
    s.max_bitrate_kbps = 3000;
    EXPECT_EQ(bit_rates(s).max, 4'000'000u);
}

TEST(VencRules, KeepRatesWithinWhatEveryLibraryTakes)
{
    Settings s;
    s.bitrate_kbps = 1;
    EXPECT_EQ(bit_rates(s).target, 10'000u);
    s.rate_control = "vbr";
    EXPECT_EQ(bit_rates(s).min, 2'000u);
    s.bitrate_kbps = ~0u;
    EXPECT_EQ(bit_rates(s).target, 100'000'000u);
    EXPECT_EQ(bit_rates(s).max, 106'250'000u);
}

TEST(VencRules, ForceTheConstraintsThatBrowsersKnow)
{
    EXPECT_EQ(profile_bits(Profile::ConstrainedBaseline).constraints, 0x00040004u);
    EXPECT_EQ(profile_bits(Profile::Main).constraints, 0u);
    EXPECT_EQ(profile_bits(Profile::High).constraints, 0x00080000u);
    EXPECT_EQ(profile_bits(Profile::ConstrainedHigh).constraints, 0x00380030u);
    EXPECT_EQ(profile_bits(Profile::ConstrainedHigh).profile_idc, 100u);
}

TEST(VencRules, AlignRowsAndPlanesToMacroblocks)
{
    EXPECT_EQ(aligned_layout(Pixels::Nv12, 1920, 1080), (Layout{1920, 1088}));
    EXPECT_EQ(aligned_layout(Pixels::Yuy2, 1366, 768), (Layout{2752, 768}));
    EXPECT_EQ(aligned_layout(Pixels::Bgr, 100, 64), (Layout{336, 64}));
    EXPECT_EQ(aligned_layout(Pixels::Bgrx, 1920, 1080), (Layout{7680, 1088}));
}

TEST(VencRules, CountThePlanesOfAPicture)
{
    const Layout l{1920, 1088};
    EXPECT_EQ(picture_bytes(Pixels::Nv12, l), 1920u * 1088 * 3 / 2);
    EXPECT_EQ(picture_bytes(Pixels::I420, l), 1920u * 1088 * 3 / 2);
    EXPECT_EQ(picture_bytes(Pixels::Nv16, l), 1920u * 1088 * 2);
    EXPECT_EQ(picture_bytes(Pixels::Bgr, {5760, 1088}), 5760u * 1088);
}

TEST(VencRules, ReadNv12Of1080LinesWhereItLiesButNotForJpeg)
{
    const auto v = video(Pixels::Nv12, 1920, 1080);
    const auto h264 = direct_layout(Codec::H264, v, nv12(1920, 1080));
    ASSERT_TRUE(h264) << h264.error().message;
    EXPECT_EQ(*h264, (Layout{1920, 1080}));
    EXPECT_EQ(why(direct_layout(Codec::Jpeg, v, nv12(1920, 1080))),
              "its chroma begins at line 1080");
    EXPECT_TRUE(direct_layout(Codec::Jpeg, v, nv12(1920, 1088)));
}

TEST(VencRules, FollowARowLongerThanThePicture)
{
    const auto r = direct_layout(Codec::H264, video(Pixels::Nv12, 832, 480), nv12(896, 512));
    ASSERT_TRUE(r) << r.error().message;
    EXPECT_EQ(*r, (Layout{896, 512}));
}

TEST(VencRules, SayWhyMemoryCannotBeReadWhereItLies)
{
    const auto v = video(Pixels::Nv12, 640, 480);
    EXPECT_EQ(why(direct_layout(Codec::H264, v, nv12(644, 480))),
              "rows of 644 bytes are not at multiples of 8");
    EXPECT_EQ(why(direct_layout(Codec::H264, v, nv12(640, 478))), "its chroma begins at line 478");
    auto apart = nv12(640, 480);
    apart.offsets[1] += 64;
    EXPECT_EQ(why(direct_layout(Codec::H264, v, apart)), "its chroma does not begin with a row");
    auto shifted = nv12(640, 480);
    shifted.offsets[0] = 640;
    EXPECT_EQ(why(direct_layout(Codec::H264, v, shifted)),
              "its planes are not in one piece from the start");
    auto other = nv12(640, 480);
    other.strides[1] = 704;
    EXPECT_EQ(why(direct_layout(Codec::H264, v, other)), "its planes do not follow each other");
    auto brief = nv12(640, 480);
    --brief.size;
    EXPECT_EQ(why(direct_layout(Codec::H264, v, brief)), "its memory is too short");
}

TEST(VencRules, WantSpareLinesBehindPackedRowsForJpegOnly)
{
    const auto v = video(Pixels::Yuy2, 1920, 1080);
    const Placement p{1, {0}, {3840}, size_t(3840) * 1080};
    EXPECT_TRUE(direct_layout(Codec::H264, v, p));
    EXPECT_EQ(why(direct_layout(Codec::Jpeg, v, p)), "its memory is too short");
    EXPECT_TRUE(direct_layout(Codec::Jpeg, v, {1, {0}, {3840}, size_t(3840) * 1088}));
}

TEST(VencRules, CopyEveryPlaneToItsPlace)
{
    struct Rows : Planes {
        std::vector<uint8_t> luma = std::vector<uint8_t>(6 * 2, 1);
        std::vector<uint8_t> chroma = std::vector<uint8_t>(6 * 1, 2);
    } from;
    from.data = {from.luma.data(), from.chroma.data()};
    from.strides = {6, 6};
    std::vector<uint8_t> to(picture_bytes(Pixels::Nv12, {8, 4}), 0);
    copy_picture(video(Pixels::Nv12, 4, 2), from, {8, 4}, to.data());
    const std::vector<uint8_t> expected = {1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, //
                                           0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, //
                                           2, 2, 2, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    EXPECT_EQ(to, expected);
}

TEST(VencRules, TellAKeyFrameByItsFirstPicture)
{
    const std::vector<uint8_t> idr = {0, 0,    0,    1, 0x67, 0x42, 0, 0,    0,
                                      1, 0x68, 0xce, 0, 0,    0,    1, 0x65, 0x88};
    const std::vector<uint8_t> other = {0, 0, 0, 1, 0x41, 0x9a, 0, 0, 1, 0x65};
    EXPECT_TRUE(is_key_frame(Codec::H264, idr));
    EXPECT_FALSE(is_key_frame(Codec::H264, other));
    EXPECT_TRUE(is_key_frame(Codec::H265, {0, 0, 0, 1, 0x40, 1, 0, 0, 0, 1, 0x26, 1}));
    EXPECT_FALSE(is_key_frame(Codec::H265, {0, 0, 0, 1, 0x02, 1}));
    EXPECT_FALSE(is_key_frame(Codec::H264, {}));
    EXPECT_TRUE(is_key_frame(Codec::Jpeg, {0xff, 0xd8}));
}
