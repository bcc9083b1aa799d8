// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/virtual/stamp.h"

#include <chrono>
#include <gtest/gtest.h>
#include <vector>

using namespace panto;

namespace
{

constexpr size_t kStride = 640;

std::vector<uint8_t> plane()
{
    return std::vector<uint8_t>(kStride * stamp::kHeight, 90);
}

} // namespace

TEST(Stamp, ReadsBackWhatWasDrawn)
{
    for (const uint32_t value : {0u, 1u, 0x80000000u, 0xdeadbeefu, 0xffffffffu}) {
        auto luma = plane();
        stamp::draw(luma.data(), kStride, value);
        EXPECT_EQ(stamp::read(luma.data(), kStride), value);
    }
}

TEST(Stamp, TouchesNothingOutsideItsArea)
{
    auto luma = plane();
    stamp::draw(luma.data(), kStride, 0x12345678);
    for (unsigned y = 0; y < stamp::kHeight; ++y)
        for (size_t x = stamp::kWidth; x < kStride; ++x)
            ASSERT_EQ(luma[y * kStride + x], 90) << x << "," << y;
}

TEST(Stamp, PutsTheMostSignificantBitFirstAndItsComplementBelow)
{
    auto luma = plane();
    stamp::draw(luma.data(), kStride, 0x80000000);
    EXPECT_EQ(luma[0], 235);
    EXPECT_EQ(luma[stamp::kCell], 16);
    EXPECT_EQ(luma[stamp::kCell * kStride], 16);
    EXPECT_EQ(luma[stamp::kCell * kStride + stamp::kCell], 235);
}

TEST(Stamp, SurvivesNoiseAndSmearedEdges)
{
    auto luma = plane();
    stamp::draw(luma.data(), kStride, 0xcafe1234);
    uint32_t random = 1;
    for (unsigned y = 0; y < stamp::kHeight; ++y)
        for (size_t x = 0; x < stamp::kWidth; ++x) {
            uint8_t &p = luma[y * kStride + x];
            random = random * 1664525 + 1013904223;
            const int noise = int(random >> 24) % 61 - 30;
            const bool edge = x % stamp::kCell < 3 || y % stamp::kCell < 3;
            p = edge ? 126 : uint8_t(std::min(255, std::max(0, p + noise)));
        }
    EXPECT_EQ(stamp::read(luma.data(), kStride), 0xcafe1234u);
}

TEST(Stamp, SaysNothingWhenThereIsNone)
{
    const auto luma = plane();
    EXPECT_EQ(stamp::read(luma.data(), kStride), std::nullopt);
}

TEST(Stamp, SaysNothingWhenOneCellIsCoveredUp)
{
    auto luma = plane();
    stamp::draw(luma.data(), kStride, 0);
    for (unsigned y = 0; y < stamp::kCell; ++y)
        for (unsigned x = 0; x < stamp::kCell; ++x)
            luma[y * kStride + x] = 235;
    EXPECT_EQ(stamp::read(luma.data(), kStride), std::nullopt);
}

TEST(Stamp, NowIsTheWallClockInTenthsOfMilliseconds)
{
    using namespace std::chrono;
    const auto wall = [] {
        return uint32_t(
            duration_cast<microseconds>(system_clock::now().time_since_epoch()).count() / 100);
    };
    const uint32_t before = wall();
    const uint32_t now = stamp::now();
    const uint32_t after = wall();
    EXPECT_LE(now - before, after - before);
}
