// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/virtual/i420.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <vector>

using namespace panto;

namespace
{

constexpr int kWidth = 6;
constexpr int kHeight = 4;

std::vector<uint8_t> convert(const std::vector<uint32_t> &pixels, Rect area)
{
    std::vector<uint8_t> out(kWidth * kHeight * 3 / 2, 1);
    to_i420(reinterpret_cast<const uint8_t *>(pixels.data()), kWidth * 4, out.data(), kWidth,
            kHeight, area);
    return out;
}

} // namespace

TEST(I420, ConvertsByBt709InLimitedRange)
{
    const struct {
        uint32_t rgb;
        int y, u, v;
    } kKnown[] = {
        {0x000000, 16, 128, 128}, {0xffffff, 235, 128, 128}, {0x808080, 126, 128, 128},
        {0xff0000, 63, 102, 240}, {0x00ff00, 173, 42, 26},   {0x0000ff, 32, 240, 118},
    };
    for (const auto &known : kKnown) {
        const std::vector<uint32_t> pixels(kWidth * kHeight, known.rgb | 0xff000000);
        const auto out = convert(pixels, {0, 0, kWidth, kHeight});
        EXPECT_EQ(out[0], known.y) << std::hex << known.rgb;
        EXPECT_EQ(out[kWidth * kHeight], known.u) << std::hex << known.rgb;
        EXPECT_EQ(out[kWidth * kHeight * 5 / 4], known.v) << std::hex << known.rgb;
    }
}

TEST(I420, ChromaIsTheMeanOfFourPixels)
{
    std::vector<uint32_t> pixels(kWidth * kHeight, 0);
    pixels[0] = 0x0000ff; // one blue among three black
    const auto out = convert(pixels, {0, 0, kWidth, kHeight});
    EXPECT_EQ(out[0], 32);
    EXPECT_EQ(out[1], 16);
    EXPECT_EQ(out[kWidth * kHeight], 128 + 112 / 4);
}

TEST(I420, LeavesAllOutsideTheAreaAlone)
{
    const std::vector<uint32_t> pixels(kWidth * kHeight, 0xffffff);
    const auto out = convert(pixels, {2, 2, 4, 4});
    const auto untouched = std::count(out.begin(), out.end(), 1);
    EXPECT_EQ(untouched, kWidth * kHeight * 3 / 2 - 6);
    EXPECT_EQ(out[2 * kWidth + 2], 235);
    EXPECT_EQ(out[kWidth * kHeight + 3 + 1], 128);
}
