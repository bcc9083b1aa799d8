// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/turbojpegenc/planes.h"

#include <algorithm>
#include <cmath>

// The loops below are plain so that the compiler makes vector instructions of them. With -O2 GCC
// makes none where a loop's length is known at run time only; clang does.
#if !defined(__clang__)
#pragma GCC optimize("O3")
#endif

namespace panto::turbojpeg
{

namespace
{

constexpr double kJfifKr = 0.299, kJfifKb = 0.114;
constexpr int kAlign = 32;

constexpr int padded(int bytes)
{
    return (bytes + kAlign - 1) / kAlign * kAlign;
}

struct Color {
    double luma, blue, red; ///< 0..1 and -0.5..0.5 twice
};

/// What a colour of one matrix is in JFIF's.
Color to_jfif(const Color &c, double kr, double kb)
{
    const double r = c.luma + 2 * (1 - kr) * c.red, b = c.luma + 2 * (1 - kb) * c.blue;
    const double g = (c.luma - kr * r - kb * b) / (1 - kr - kb);
    const double luma = kJfifKr * r + (1 - kJfifKr - kJfifKb) * g + kJfifKb * b;
    return {luma, (b - luma) / (2 * (1 - kJfifKb)), (r - luma) / (2 * (1 - kJfifKr))};
}

int16_t fixed(double value, int one)
{
    return int16_t(std::lround(value * one));
}

/// Every second byte, from the first one given.
void take_every_second(const uint8_t *from, uint8_t *to, int count)
{
    for (int x = 0; x < count; ++x)
        to[x] = from[2 * x];
}

/// The mean of every fourth byte of two rows.
void take_every_fourth(const uint8_t *upper, const uint8_t *lower, uint8_t *to, int count)
{
    for (int x = 0; x < count; ++x)
        to[x] = uint8_t((upper[4 * x] + lower[4 * x] + 1) >> 1);
}

void convert_luma(const uint8_t *from, const int16_t *shift, int16_t gain, uint8_t *to, int count)
{
    for (int x = 0; x < count; ++x) {
        const auto y = int16_t(from[x]);
        const auto scaled = int16_t(int16_t(y << 5) + int16_t(int16_t(y * gain) >> 4) + shift[x]);
        to[x] = uint8_t(std::clamp<int16_t>(int16_t(scaled >> 5), 0, 255));
    }
}

void convert_chroma(const uint8_t *own, const uint8_t *other, int16_t k_own, int16_t k_other,
                    uint8_t *to, int count)
{
    for (int x = 0; x < count; ++x) {
        const auto a = int16_t(own[x] - 128), b = int16_t(other[x] - 128);
        const auto mixed = int16_t(int16_t(a * k_own) + int16_t(b * k_other));
        const auto v = int16_t(int16_t(a << 7) + int16_t(mixed >> 2) + 64);
        to[x] = uint8_t(std::clamp<int16_t>(int16_t((v >> 7) + 128), 0, 255));
    }
}

/// What each pixel's luma owes to its chroma, and to the range.
void luma_shift(const uint8_t *cb, const uint8_t *cr, const Conversion &c, int16_t *to, int count)
{
    for (int x = 0; x < count; ++x) {
        const auto b = int16_t(cb[x] - 128), r = int16_t(cr[x] - 128);
        const auto mixed = int16_t(int16_t(b * c.blue) + int16_t(r * c.red));
        to[2 * x] = to[2 * x + 1] = int16_t(int16_t(mixed >> 4) + c.offset);
    }
}

} // namespace

Conversion conversion_from(const GstVideoColorimetry &colorimetry)
{
    double kr = kJfifKr, kb = kJfifKb;
    gst_video_color_matrix_get_Kr_Kb(colorimetry.matrix, &kr, &kb);
    const bool full = colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255;
    const double luma = full ? 1 : 255.0 / 219, chroma = full ? 1 : 255.0 / 224;
    const Color blue = to_jfif({0, 1, 0}, kr, kb), red = to_jfif({0, 0, 1}, kr, kb);
    Conversion c;
    c.gain = fixed(luma - 1, 512);
    c.blue = fixed(chroma * blue.luma, 512);
    c.red = fixed(chroma * red.luma, 512);
    c.offset = fixed((full ? 0 : -16 * luma) + 0.5, 32);
    c.cb_cb = fixed(chroma * blue.blue - 1, 512);
    c.cb_cr = fixed(chroma * red.blue, 512);
    c.cr_cb = fixed(chroma * blue.red, 512);
    c.cr_cr = fixed(chroma * red.red - 1, 512);
    return c;
}

/// A row of chroma and the two rows of luma that share it.
struct Planes::Rows {
    const uint8_t *luma[2], *cb, *cr;
};

Planes::Planes(const GstVideoInfo &info)
    : format_{GST_VIDEO_INFO_FORMAT(&info)}, width_{info.width}, height_{info.height},
      conversion_{conversion_from(info.colorimetry)},
      as_it_is_{format_ == GST_VIDEO_FORMAT_I420 && width_ % 2 == 0 && height_ % 2 == 0 &&
                conversion_ == conversion_from(
                                   {GST_VIDEO_COLOR_RANGE_0_255, GST_VIDEO_COLOR_MATRIX_BT601,
                                    GST_VIDEO_TRANSFER_UNKNOWN, GST_VIDEO_COLOR_PRIMARIES_UNKNOWN})}
{
    if (as_it_is_)
        return;
    const int columns = (width_ + 1) / 2, rows = (height_ + 1) / 2;
    stride_ = padded(2 * columns);
    chroma_stride_ = padded(columns);
    luma_.resize(size_t(stride_) * size_t(2 * rows));
    cb_.resize(size_t(chroma_stride_) * size_t(rows));
    cr_ = cb_;
    scratch_.resize(size_t(2 * stride_ + 2 * chroma_stride_));
    shift_.resize(size_t(stride_));
}

/// Points to the samples of two rows, or takes them apart first.
void Planes::split(const GstVideoFrame &frame, int row, Rows &out)
{
    const auto at = [&](int plane, int y) {
        return static_cast<const uint8_t *>(GST_VIDEO_FRAME_PLANE_DATA(&frame, plane)) +
               ptrdiff_t(y) * GST_VIDEO_FRAME_PLANE_STRIDE(&frame, plane);
    };
    const int columns = (width_ + 1) / 2;
    const int y0 = 2 * row, y1 = std::min(y0 + 1, height_ - 1);
    uint8_t *const luma = scratch_.data(), *const cb = luma + 2 * stride_,
                   *const cr = cb + chroma_stride_;
    out = {{at(0, y0), at(0, y1)}, cb, cr};
    if (format_ == GST_VIDEO_FORMAT_I420) {
        out.cb = at(1, row);
        out.cr = at(2, row);
    } else if (format_ == GST_VIDEO_FORMAT_NV12) {
        take_every_second(at(1, row), cb, columns);
        take_every_second(at(1, row) + 1, cr, columns);
    } else {
        const int y = format_ == GST_VIDEO_FORMAT_UYVY, u = 1 - y;
        for (int i = 0; i < 2; ++i) {
            take_every_second(out.luma[i] + y, luma + i * stride_, width_);
        }
        take_every_fourth(out.luma[0] + u, out.luma[1] + u, cb, columns);
        take_every_fourth(out.luma[0] + u + 2, out.luma[1] + u + 2, cr, columns);
        out.luma[0] = luma;
        out.luma[1] = luma + stride_;
    }
}

Planes::View Planes::of(const GstVideoFrame &frame)
{
    if (as_it_is_) {
        View v;
        for (int i = 0; i < 3; ++i) {
            v.data[size_t(i)] = static_cast<const uint8_t *>(GST_VIDEO_FRAME_PLANE_DATA(&frame, i));
            v.strides[size_t(i)] = GST_VIDEO_FRAME_PLANE_STRIDE(&frame, i);
        }
        return v;
    }
    const Conversion &c = conversion_;
    const int columns = (width_ + 1) / 2;
    for (int row = 0; row < (height_ + 1) / 2; ++row) {
        Rows in;
        split(frame, row, in);
        luma_shift(in.cb, in.cr, c, shift_.data(), columns);
        for (int i = 0; i < 2; ++i) {
            uint8_t *to = &luma_[size_t(stride_) * size_t(2 * row + i)];
            convert_luma(in.luma[i], shift_.data(), c.gain, to, width_);
            if (width_ % 2)
                to[width_] = to[width_ - 1];
        }
        const size_t chroma = size_t(chroma_stride_) * size_t(row);
        convert_chroma(in.cb, in.cr, c.cb_cb, c.cb_cr, &cb_[chroma], columns);
        convert_chroma(in.cr, in.cb, c.cr_cr, c.cr_cb, &cr_[chroma], columns);
    }
    return {{luma_.data(), cb_.data(), cr_.data()}, {stride_, chroma_stride_, chroma_stride_}};
}

} // namespace panto::turbojpeg
