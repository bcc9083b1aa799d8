// SPDX-License-Identifier: LGPL-2.1-or-later
/// Planes: a raw video frame as JPEG wants it: three planes, 4:2:0, BT.601 in full range.
///
/// A frame that is so already is not copied; of any other each byte is read and written once,
/// split, brought to another range and another matrix in the same pass.
///
/// Units    strides in bytes
/// Threads  one at a time
/// Source   JFIF 1.02 (colour space); ITU-T H.273, 8.3 (matrices and ranges)
#pragma once

#include <array>
#include <cstdint>
#include <gst/video/video.h>
#include <vector>

namespace panto::turbojpeg
{

/// From the samples of one colorimetry to those of JFIF. Chroma is counted from 128. In fixed
/// point, chosen so that 16-bit lanes hold every step:
///     luma' = (32 luma + (gain luma >> 4) + ((blue cb + red cr) >> 4) + offset) >> 5
///     cb'   = 128 + (128 cb + ((cb_cb cb + cb_cr cr) >> 2) + 64) >> 7, and cr' alike
struct Conversion {
    int16_t gain = 0, blue = 0, red = 0, offset = 0;
    int16_t cb_cb = 0, cb_cr = 0, cr_cb = 0, cr_cr = 0;

    bool operator==(const Conversion &) const = default;
};

Conversion conversion_from(const GstVideoColorimetry &colorimetry);

class Planes
{
public:
    /// For frames of these caps; I420, NV12, YUY2 or UYVY.
    explicit Planes(const GstVideoInfo &info);

    struct View {
        std::array<const uint8_t *, 3> data;
        std::array<int, 3> strides;
    };
    /// Valid until the next call, or until the frame is unmapped.
    View of(const GstVideoFrame &frame);

private:
    struct Rows;
    void split(const GstVideoFrame &frame, int row, Rows &out);

    const GstVideoFormat format_;
    const int width_, height_;
    const Conversion conversion_;
    const bool as_it_is_; ///< nothing to do
    int stride_ = 0, chroma_stride_ = 0;
    std::vector<uint8_t> luma_, cb_, cr_;
    std::vector<uint8_t> scratch_; // rows taken apart
    std::vector<int16_t> shift_;   // of the luma of a row, from its chroma
};

} // namespace panto::turbojpeg
