// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/fakes/mpp/colour.h"

#include "tests/fakes/mpp/cfg.h"

#include <algorithm>

namespace panto::standin
{

using mpp::Coding;
using mpp::FrameFormat;

namespace
{

/// Two planes, the second with pairs: in each line of chroma (4:2:0) or the mean of two (4:2:2).
void from_two_planes(const Source &s, const uint8_t *data, I420 &to)
{
    const int lines = s.format == FrameFormat::Nv16 ? 2 : 1, cw = to.chroma_width();
    const uint8_t *const chroma = data + s.hor_stride * s.ver_stride;
    for (int y = 0; y < s.height; ++y)
        std::copy_n(data + size_t(y) * s.hor_stride, s.width, &to.y[size_t(y) * size_t(s.width)]);
    for (int y = 0; y < to.chroma_height(); ++y) {
        const int last = (lines == 2 ? s.height : to.chroma_height()) - 1;
        const uint8_t *const a = chroma + size_t(y * lines) * s.hor_stride;
        const uint8_t *const b =
            chroma + size_t(std::min(y * lines + lines - 1, last)) * s.hor_stride;
        uint8_t *const u = &to.u[size_t(y) * size_t(cw)], *const v = &to.v[size_t(y) * size_t(cw)];
        for (int x = 0; x < cw; ++x) {
            u[x] = uint8_t((a[2 * x] + b[2 * x] + 1) / 2);
            v[x] = uint8_t((a[2 * x + 1] + b[2 * x + 1] + 1) / 2);
        }
    }
}

/// Three planes, the second and third of half the size.
void from_three_planes(const Source &s, const uint8_t *data, I420 &to)
{
    const size_t cw = size_t(to.chroma_width());
    const uint8_t *const u = data + s.hor_stride * s.ver_stride;
    const uint8_t *const v = u + s.hor_stride / 2 * (s.ver_stride / 2);
    for (size_t y = 0; y < size_t(s.height); ++y)
        std::copy_n(data + y * s.hor_stride, s.width, &to.y[y * size_t(s.width)]);
    for (size_t y = 0; y < size_t(to.chroma_height()); ++y) {
        std::copy_n(u + y * (s.hor_stride / 2), cw, &to.u[y * cw]);
        std::copy_n(v + y * (s.hor_stride / 2), cw, &to.v[y * cw]);
    }
}

/// Four bytes for two pixels, luma in the odd or in the even ones.
void from_packed(const Source &s, const uint8_t *data, I420 &to)
{
    const int luma = s.format == FrameFormat::Yuy2 ? 0 : 1, cw = to.chroma_width();
    const int blue = 1 - luma, red = 3 - luma;
    for (int y = 0; y < s.height; ++y) {
        const uint8_t *const line = data + size_t(y) * s.hor_stride + luma;
        uint8_t *const out = &to.y[size_t(y) * size_t(s.width)];
        for (int x = 0; x < s.width; ++x)
            out[x] = line[2 * x];
    }
    for (int y = 0; y < to.chroma_height(); ++y) {
        const uint8_t *const a = data + size_t(2 * y) * s.hor_stride;
        const uint8_t *const b = data + size_t(std::min(2 * y + 1, s.height - 1)) * s.hor_stride;
        uint8_t *const u = &to.u[size_t(y) * size_t(cw)], *const v = &to.v[size_t(y) * size_t(cw)];
        for (int x = 0; x < cw; ++x) {
            u[x] = uint8_t((a[4 * x + blue] + b[4 * x + blue] + 1) / 2);
            v[x] = uint8_t((a[4 * x + red] + b[4 * x + red] + 1) / 2);
        }
    }
}

/// One component as a sum of blue, green and red, in 1/65536.
struct Weights {
    int b, g, r, offset;
    uint8_t operator()(int blue, int green, int red) const
    {
        return uint8_t(std::clamp((b * blue + g * green + r * red + offset + 32768) >> 16, 0, 255));
    }
};

int fixed(double value)
{
    return int(value * 65536 + (value < 0 ? -0.5 : 0.5));
}

void from_bgr(const Source &s, const uint8_t *data, I420 &to)
{
    const double luma = s.full ? 1 : 219. / 255, chroma = s.full ? 1 : 224. / 255;
    const double kg = 1 - s.kr - s.kb, cb = chroma / (2 * (1 - s.kb)),
                 cr = chroma / (2 * (1 - s.kr));
    const Weights wy{fixed(luma * s.kb), fixed(luma * kg), fixed(luma * s.kr),
                     (s.full ? 0 : 16) << 16};
    const Weights wu{fixed(cb * (1 - s.kb)), fixed(-cb * kg), fixed(-cb * s.kr), 128 << 16};
    const Weights wv{fixed(-cr * s.kb), fixed(-cr * kg), fixed(cr * (1 - s.kr)), 128 << 16};
    const int step = s.format == FrameFormat::Bgr888 ? 3 : 4, cw = to.chroma_width();
    for (int y = 0; y < s.height; ++y) {
        const uint8_t *p = data + size_t(y) * s.hor_stride;
        uint8_t *const out = &to.y[size_t(y) * size_t(s.width)];
        for (int x = 0; x < s.width; ++x, p += step)
            out[x] = wy(p[0], p[1], p[2]);
    }
    for (int y = 0; y < to.chroma_height(); ++y) {
        const uint8_t *const a = data + size_t(2 * y) * s.hor_stride;
        const uint8_t *const b = data + size_t(std::min(2 * y + 1, s.height - 1)) * s.hor_stride;
        uint8_t *const u = &to.u[size_t(y) * size_t(cw)], *const v = &to.v[size_t(y) * size_t(cw)];
        for (int x = 0; x < cw; ++x) {
            const int left = 2 * x * step, right = std::min(2 * x + 1, s.width - 1) * step;
            int mean[3];
            for (int c = 0; c < 3; ++c)
                mean[c] = (a[left + c] + a[right + c] + b[left + c] + b[right + c] + 2) / 4;
            u[x] = wu(mean[0], mean[1], mean[2]);
            v[x] = wv(mean[0], mean[1], mean[2]);
        }
    }
}

} // namespace

std::optional<Layout> layout_of(FrameFormat format, Coding coding)
{
    const bool jpeg = coding == Coding::Mjpeg;
    switch (format) {
    case FrameFormat::Nv12:
    case FrameFormat::I420:
        return Layout{1, 3};
    case FrameFormat::Yuy2:
    case FrameFormat::Uyvy:
        return Layout{2, 2};
    case FrameFormat::Bgra8888:
        return Layout{4, 2};
    // The JPEG encoder of most chips takes neither.
    case FrameFormat::Nv16:
        return jpeg ? std::optional<Layout>{} : Layout{1, 4};
    case FrameFormat::Bgr888:
        return jpeg ? std::optional<Layout>{} : Layout{3, 2};
    default:
        return {};
    }
}

Source Source::from(const Values &v, Coding coding)
{
    Source s{
        .format = FrameFormat{int(v["prep:format"]) & mpp::kFormatMask},
        .width = int(v["prep:width"]),
        .height = int(v["prep:height"]),
        .hor_stride = size_t(v["prep:hor_stride"]),
        .ver_stride = size_t(v["prep:ver_stride"]),
        .full = coding == Coding::Mjpeg || v["prep:colorrange"] == int(mpp::ColorRange::Full),
    };
    if (coding != Coding::Mjpeg && v["prep:colorspace"] == int(mpp::ColorSpace::Bt709)) {
        s.kr = 0.2126;
        s.kb = 0.0722;
    }
    return s;
}

size_t Source::size() const
{
    const auto layout = layout_of(format, Coding::Avc);
    return layout ? hor_stride * ver_stride * size_t(layout->halves) / 2 : 0;
}

void convert(const Source &s, const uint8_t *data, I420 &to)
{
    to.width = s.width;
    to.height = s.height;
    to.y.resize(size_t(s.width) * size_t(s.height));
    to.u.resize(size_t(to.chroma_width()) * size_t(to.chroma_height()));
    to.v.resize(to.u.size());
    if (s.format == FrameFormat::Nv12 || s.format == FrameFormat::Nv16)
        from_two_planes(s, data, to);
    else if (s.format == FrameFormat::I420)
        from_three_planes(s, data, to);
    else if (s.format == FrameFormat::Yuy2 || s.format == FrameFormat::Uyvy)
        from_packed(s, data, to);
    else
        from_bgr(s, data, to);
}

} // namespace panto::standin
