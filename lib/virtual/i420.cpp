// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/virtual/i420.h"

namespace panto
{
namespace
{

// Source: ITU-R BT.709-6, sections 3 and 4 (8 bit), scaled by 2^16 from 0..255 RGB. The chroma
// rows add up to zero, so that grey is exactly 128.
constexpr int kYr = 11966, kYg = 40254, kYb = 4064;
constexpr int kUr = -6596, kUg = -22188, kUb = 28784;
constexpr int kVr = 28784, kVg = -26145, kVb = -2639;
constexpr int kHalf = 1 << 15;

struct Rgb {
    int r, g, b;
};

Rgb split(uint32_t pixel)
{
    return {int(pixel >> 16 & 0xff), int(pixel >> 8 & 0xff), int(pixel & 0xff)};
}

uint8_t luma(Rgb p)
{
    return uint8_t(16 + ((kYr * p.r + kYg * p.g + kYb * p.b + kHalf) >> 16));
}

/// sum is that of four pixels, hence two bits more.
uint8_t chroma(int r, int g, int b, Rgb sum)
{
    return uint8_t(128 + ((r * sum.r + g * sum.g + b * sum.b + 4 * kHalf) >> 18));
}

} // namespace

void to_i420(const uint8_t *xrgb, size_t stride, uint8_t *i420, int width, int height, Rect area)
{
    uint8_t *const u_plane = i420 + size_t(width) * height;
    uint8_t *const v_plane = u_plane + size_t(width / 2) * (height / 2);
    for (int y = area.top; y < area.bottom; y += 2) {
        const auto *upper = reinterpret_cast<const uint32_t *>(xrgb + size_t(y) * stride);
        const auto *lower = reinterpret_cast<const uint32_t *>(xrgb + size_t(y + 1) * stride);
        uint8_t *const y0 = i420 + size_t(y) * width;
        uint8_t *const y1 = y0 + width;
        uint8_t *const u = u_plane + size_t(y / 2) * (width / 2);
        uint8_t *const v = v_plane + size_t(y / 2) * (width / 2);
        for (int x = area.left; x < area.right; x += 2) {
            const Rgb a = split(upper[x]), b = split(upper[x + 1]);
            const Rgb c = split(lower[x]), d = split(lower[x + 1]);
            y0[x] = luma(a);
            y0[x + 1] = luma(b);
            y1[x] = luma(c);
            y1[x + 1] = luma(d);
            const Rgb sum{a.r + b.r + c.r + d.r, a.g + b.g + c.g + d.g, a.b + b.b + c.b + d.b};
            u[x / 2] = chroma(kUr, kUg, kUb, sum);
            v[x / 2] = chroma(kVr, kVg, kVb, sum);
        }
    }
}

} // namespace panto
