// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>

namespace panto
{

/// A rectangle of pixels: left and top are within it, right and bottom are not.
struct Rect {
    int left = 0;
    int top = 0;
    int right = 0;
    int bottom = 0;

    bool empty() const { return left >= right || top >= bottom; }
    bool meets(const Rect &o) const
    {
        return left < o.right && o.left < right && top < o.bottom && o.top < bottom;
    }
};

/// Converts the pixels of area, whose edges are even, from native-endian xRGB to I420.
///
/// Units    BT.709 limited range; chroma is the mean of 2x2 pixels; strides in bytes
void to_i420(const uint8_t *xrgb, size_t stride, uint8_t *i420, int width, int height, Rect area);

} // namespace panto
