// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/venc/rules.h"

#include <algorithm>
#include <cstring>
#include <poll.h>

namespace panto::venc
{

namespace
{

constexpr unsigned kAlign = 16; // macroblocks; every encoder's rows and planes may begin there

struct Level {
    unsigned idc;
    uint64_t per_second; ///< macroblocks, or luma samples
    uint64_t per_frame;
};

constexpr Level kH264Levels[] = {
    {10, 1485, 99},        {11, 3000, 396},      {12, 6000, 396},       {13, 11880, 396},
    {21, 19800, 792},      {22, 20250, 1620},    {30, 40500, 1620},     {31, 108000, 3600},
    {32, 216000, 5120},    {40, 245760, 8192},   {42, 522240, 8704},    {50, 589824, 22080},
    {51, 983040, 36864},   {52, 2073600, 36864}, {60, 4177920, 139264}, {61, 8355840, 139264},
    {62, 16711680, 139264}};

constexpr Level kH265Levels[] = {
    {30, 552960, 36864},        {60, 3686400, 122880},       {63, 7372800, 245760},
    {90, 16588800, 552960},     {93, 33177600, 983040},      {120, 66846720, 2228224},
    {123, 133693440, 2228224},  {150, 267386880, 8912896},   {153, 534773760, 8912896},
    {156, 1069547520, 8912896}, {180, 1069547520, 35651584}, {183, 2139095040, 35651584},
    {186, 4278190080, 35651584}};

template <size_t n>
unsigned lowest(const Level (&levels)[n], uint64_t width, uint64_t height, uint64_t fps_num,
                uint64_t fps_den)
{
    const uint64_t size = width * height;
    for (const Level &l : levels) {
        const uint64_t longest = 8 * l.per_frame; // no side may be longer than this one's root
        if (size <= l.per_frame && width * width <= longest && height * height <= longest &&
            size * fps_num <= l.per_second * fps_den)
            return l.idc;
    }
    return levels[n - 1].idc;
}

unsigned rounded_up(unsigned value, unsigned to)
{
    return (value + to - 1) / to * to;
}

/// How a format's rows are laid out.
struct Shape {
    unsigned bytes;  ///< of a pixel in the first plane
    unsigned planes; ///< chroma: interleaved in a second, or one each in a second and a third
    bool half_rows;  ///< chroma has half the rows
    unsigned unit;   ///< rows must begin at multiples of it, in bytes
};

constexpr Shape shape(Pixels pixels)
{
    switch (pixels) {
    case Pixels::Nv12:
        return {1, 2, true, 8};
    case Pixels::Nv16:
        return {1, 2, false, 8};
    case Pixels::I420:
        return {1, 3, true, 16};
    case Pixels::Yuy2:
    case Pixels::Uyvy:
        return {2, 1, false, 16};
    case Pixels::Bgr:
        return {3, 1, false, 24};
    case Pixels::Bgrx:
        return {4, 1, false, 32};
    }
    return {};
}

unsigned chroma_stride(const Shape &s, unsigned stride)
{
    return s.planes == 3 ? stride / 2 : stride;
}

unsigned chroma_lines(const Shape &s, unsigned lines)
{
    return s.half_rows ? lines / 2 : lines;
}

Error unreadable(const std::string &why)
{
    return {Kind::Invalid, why};
}

} // namespace

const char *name_of(Codec codec)
{
    return codec == Codec::H264 ? "H.264" : codec == Codec::H265 ? "H.265" : "JPEG";
}

void pause_ms(int ms)
{
    ::poll(nullptr, 0, ms);
}

unsigned h264_level(unsigned width, unsigned height, unsigned fps_num, unsigned fps_den)
{
    return lowest(kH264Levels, (width + 15) / 16, (height + 15) / 16, fps_num, fps_den);
}

unsigned h265_level(unsigned width, unsigned height, unsigned fps_num, unsigned fps_den)
{
    return lowest(kH265Levels, width, height, fps_num, fps_den);
}

std::string level_text(Codec codec, unsigned level_idc)
{
    const unsigned tenths = codec == Codec::H265 ? level_idc / 3 : level_idc;
    const std::string whole = std::to_string(tenths / 10);
    return tenths % 10 ? whole + "." + std::to_string(tenths % 10) : whole;
}

BitRates bit_rates(const Settings &settings)
{
    // The library takes more, but no picture of a screen needs it, and all versions take this.
    const auto bps = [](unsigned kbps) {
        return unsigned(std::clamp<uint64_t>(uint64_t(kbps) * 1000, 10'000, 100'000'000));
    };
    BitRates r;
    r.target = bps(settings.bitrate_kbps);
    r.max = settings.max_bitrate_kbps ? std::max(r.target, bps(settings.max_bitrate_kbps))
                                      : r.target / 16 * 17;
    // Below 1000 bit/s the library refuses all three.
    r.min = settings.rate_control == "cbr" ? r.target / 16 * 15 : std::max(r.target / 16, 2'000u);
    return r;
}

ProfileBits profile_bits(Profile profile)
{
    switch (profile) {
    case Profile::ConstrainedBaseline:
        return {66, 0x00040004}; // the encoder sets 0 and 1; with 2 it is 42e0
    case Profile::Main:
        return {77, 0};
    case Profile::High:
        return {100, 0x00080000}; // not 3, which would make it an intra profile for some
    case Profile::ConstrainedHigh:
        return {100, 0x00380030};
    }
    return {};
}

unsigned row_bytes(Pixels pixels, unsigned width)
{
    return shape(pixels).bytes * width;
}

size_t picture_bytes(Pixels pixels, const Layout &layout)
{
    const Shape s = shape(pixels);
    return size_t(layout.stride) * layout.lines +
           size_t(s.planes - 1) * chroma_stride(s, layout.stride) * chroma_lines(s, layout.lines);
}

Layout aligned_layout(Pixels pixels, unsigned width, unsigned height)
{
    return {row_bytes(pixels, rounded_up(width, kAlign)), rounded_up(height, kAlign)};
}

Result<Layout> direct_layout(Codec codec, const Video &video, const Placement &placement)
{
    const Shape s = shape(video.pixels);
    const auto stride = unsigned(std::max(placement.strides[0], 0));
    if (placement.planes != s.planes || placement.offsets[0])
        return unreadable("its planes are not in one piece from the start");
    if (stride < row_bytes(video.pixels, video.width) || stride % s.unit)
        return unreadable("rows of " + std::to_string(stride) + " bytes are not at multiples of " +
                          std::to_string(s.unit));
    Layout layout{stride, video.height};
    if (s.planes > 1) {
        if (placement.offsets[1] % stride)
            return unreadable("its chroma does not begin with a row");
        layout.lines = unsigned(placement.offsets[1] / stride);
        const unsigned chroma = chroma_stride(s, stride);
        for (unsigned i = 1; i < s.planes; ++i)
            if (placement.strides[i] != int(chroma) ||
                placement.offsets[i] != size_t(stride) * layout.lines +
                                            size_t(i - 1) * chroma * chroma_lines(s, layout.lines))
                return unreadable("its planes do not follow each other");
        // The JPEG encoder of most chips counts planes in macroblocks.
        const unsigned unit = codec == Codec::Jpeg ? kAlign : 2;
        if (layout.lines < video.height || layout.lines % unit)
            return unreadable("its chroma begins at line " + std::to_string(layout.lines));
    }
    // It reads whole macroblocks of packed rows, and a JPEG encoder beyond the last one.
    const unsigned read = codec == Codec::Jpeg ? rounded_up(layout.lines, kAlign) : layout.lines;
    if (placement.size < picture_bytes(video.pixels, {stride, read}))
        return unreadable("its memory is too short");
    return layout;
}

bool is_key_frame(Codec codec, const std::vector<uint8_t> &bytes)
{
    if (codec == Codec::Jpeg)
        return true;
    for (size_t i = 0; i + 3 < bytes.size(); ++i) {
        if (bytes[i] || bytes[i + 1] || bytes[i + 2] != 1)
            continue;
        const unsigned type = codec == Codec::H264 ? bytes[i + 3] & 31 : bytes[i + 3] >> 1 & 63;
        const bool picture = codec == Codec::H264 ? type >= 1 && type <= 5 : type < 32;
        if (picture)
            return codec == Codec::H264 ? type == 5 : type >= 16 && type <= 21;
    }
    return false;
}

void copy_picture(const Video &video, const Planes &from, const Layout &layout, uint8_t *to)
{
    const Shape s = shape(video.pixels);
    const auto rows = [&](size_t plane, unsigned stride, unsigned bytes, unsigned count) {
        for (unsigned y = 0; y < count; ++y)
            std::memcpy(to + size_t(y) * stride,
                        from.data[plane] + ptrdiff_t(y) * from.strides[plane], bytes);
    };
    const unsigned bytes = row_bytes(video.pixels, video.width);
    rows(0, layout.stride, bytes, video.height);
    to += size_t(layout.stride) * layout.lines;
    const unsigned stride = chroma_stride(s, layout.stride);
    for (size_t plane = 1; plane < s.planes; ++plane) {
        rows(plane, stride, chroma_stride(s, bytes), chroma_lines(s, video.height));
        to += size_t(stride) * chroma_lines(s, layout.lines);
    }
}

} // namespace panto::venc
