// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/virtual/stamp.h"

#include <chrono>
#include <cstring>

namespace panto::stamp
{
namespace
{

constexpr uint8_t kWhite = 235;
constexpr uint8_t kBlack = 16;

void draw_row(uint8_t *luma, size_t stride, uint32_t bits)
{
    for (unsigned cell = 0; cell < 32; ++cell)
        std::memset(luma + cell * kCell, bits >> (31 - cell) & 1 ? kWhite : kBlack, kCell);
    for (unsigned y = 1; y < kCell; ++y)
        std::memcpy(luma + y * stride, luma, kWidth);
}

/// Averages the middle of each cell: a codec smears the edges.
uint32_t read_row(const uint8_t *luma, size_t stride)
{
    constexpr unsigned kEdge = kCell / 4;
    uint32_t bits = 0;
    for (unsigned cell = 0; cell < 32; ++cell) {
        unsigned sum = 0;
        for (unsigned y = kEdge; y < kCell - kEdge; ++y)
            for (unsigned x = kEdge; x < kCell - kEdge; ++x)
                sum += luma[y * stride + cell * kCell + x];
        constexpr unsigned kPixels = (kCell - 2 * kEdge) * (kCell - 2 * kEdge);
        bits = bits << 1 | (sum > kPixels * ((kWhite + kBlack) / 2));
    }
    return bits;
}

} // namespace

uint32_t now()
{
    using namespace std::chrono;
    const auto since = system_clock::now().time_since_epoch();
    return uint32_t(duration_cast<duration<uint64_t, std::ratio<1, 10000>>>(since).count());
}

void draw(uint8_t *luma, size_t stride, uint32_t value)
{
    draw_row(luma, stride, value);
    draw_row(luma + kCell * stride, stride, ~value);
}

std::optional<uint32_t> read(const uint8_t *luma, size_t stride)
{
    const uint32_t value = read_row(luma, stride);
    if (read_row(luma + kCell * stride, stride) != ~value)
        return std::nullopt;
    return value;
}

} // namespace panto::stamp
