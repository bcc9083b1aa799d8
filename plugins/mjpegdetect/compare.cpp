// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/mjpegdetect/compare.h"

#include "lib/jpeg/markers.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <turbojpeg.h>

namespace panto::detect
{

namespace
{

constexpr size_t kBlockBytes = 16;
constexpr size_t kBlockRows = 8;
constexpr int kPreviewScale = 8; // a DCT block; its mean needs no inverse transform

/// One plane's rows as they can be seen, without the padding behind them.
struct Rows {
    const uint8_t *data;
    size_t stride;
    size_t bytes; ///< in one row
    size_t count;
};

Rows rows_of(const GstVideoFrame &frame, guint plane)
{
    const auto stride = size_t(GST_VIDEO_FRAME_PLANE_STRIDE(&frame, plane));
    size_t bytes = 0, count = 0;
    for (guint c = 0; c < GST_VIDEO_FRAME_N_COMPONENTS(&frame); ++c) {
        if (guint(GST_VIDEO_FRAME_COMP_PLANE(&frame, c)) != plane)
            continue;
        const auto step = size_t(GST_VIDEO_FRAME_COMP_PSTRIDE(&frame, c));
        // Formats that pack pixels in groups name no step: the whole row counts.
        const size_t seen = step * size_t(GST_VIDEO_FRAME_COMP_WIDTH(&frame, c));
        bytes = std::max(bytes, step ? seen : stride);
        count = std::max(count, size_t(GST_VIDEO_FRAME_COMP_HEIGHT(&frame, c)));
    }
    return {static_cast<const uint8_t *>(GST_VIDEO_FRAME_PLANE_DATA(&frame, plane)), stride,
            std::min(bytes, stride), count};
}

bool equal(const Rows &a, const Rows &b)
{
    if (a.bytes == a.stride && b.bytes == b.stride)
        return std::memcmp(a.data, b.data, a.bytes * a.count) == 0;
    for (size_t y = 0; y < a.count; ++y)
        if (std::memcmp(a.data + y * a.stride, b.data + y * b.stride, a.bytes) != 0)
            return false;
    return true;
}

/// The sum of absolute differences of one block's row; of a length known when this is compiled, so
/// that it becomes one instruction.
unsigned difference(const uint8_t *p, const uint8_t *q)
{
    unsigned sum = 0;
    for (size_t x = 0; x < kBlockBytes; ++x)
        sum += unsigned(std::abs(int(p[x]) - int(q[x])));
    return sum;
}

unsigned difference(const uint8_t *p, const uint8_t *q, size_t bytes)
{
    unsigned sum = 0;
    for (size_t x = 0; x < bytes; ++x)
        sum += unsigned(std::abs(int(p[x]) - int(q[x])));
    return sum;
}

/// Whether no block of 16 bytes by 8 rows changed by more than threshold per byte.
bool near(const Rows &a, const Rows &b, unsigned threshold)
{
    const size_t whole = a.bytes / kBlockBytes, rest = a.bytes % kBlockBytes;
    std::vector<unsigned> sums(whole + 1);
    for (size_t top = 0; top < a.count; top += kBlockRows) {
        const size_t rows = std::min(kBlockRows, a.count - top);
        std::fill(sums.begin(), sums.end(), 0u);
        for (size_t y = top; y < top + rows; ++y) {
            const uint8_t *p = a.data + y * a.stride, *q = b.data + y * b.stride;
            for (size_t block = 0; block < whole; ++block, p += kBlockBytes, q += kBlockBytes)
                sums[block] += difference(p, q);
            sums[whole] += difference(p, q, rest);
        }
        const auto most = *std::max_element(sums.begin(), sums.end() - 1);
        if (most > threshold * kBlockBytes * rows || sums[whole] > threshold * rest * rows)
            return false;
    }
    return true;
}

bool same_memory(GstBuffer *a, GstBuffer *b)
{
    const guint n = gst_buffer_n_memory(a);
    if (n != gst_buffer_n_memory(b))
        return false;
    for (guint i = 0; i < n; ++i)
        if (gst_buffer_peek_memory(a, i) != gst_buffer_peek_memory(b, i))
            return false;
    return true;
}

/// A buffer mapped for reading as long as this lives.
class Mapped
{
public:
    explicit Mapped(GstBuffer *buffer)
        : buffer_{buffer}, valid_{bool(gst_buffer_map(buffer, &map_, GST_MAP_READ))}
    {
    }
    ~Mapped()
    {
        if (valid_)
            gst_buffer_unmap(buffer_, &map_);
    }
    Mapped(const Mapped &) = delete;
    Mapped &operator=(const Mapped &) = delete;
    explicit operator bool() const { return valid_; }
    jpeg::Bytes bytes() const { return {map_.data, map_.size}; }

private:
    GstBuffer *buffer_;
    GstMapInfo map_{};
    bool valid_;
};

} // namespace

void Compare::forget()
{
    kept_ = {};
    kept_preview_.reset();
}

bool Compare::set_caps(const GstCaps *caps)
{
    forget();
    raw_.reset();
    if (gst_structure_has_name(gst_caps_get_structure(caps, 0), "image/jpeg"))
        return true;
    GstVideoInfo info;
    if (!gst_video_info_from_caps(&info, caps))
        return false;
    raw_ = info;
    return true;
}

bool Compare::same(GstBuffer *a, GstBuffer *b, unsigned threshold)
{
    if (same_memory(a, b))
        return true;
    return raw_ ? same_raw(a, b, threshold) : same_jpeg(a, b, threshold);
}

bool Compare::same_raw(GstBuffer *a, GstBuffer *b, unsigned threshold) const
{
    GstVideoFrame left, right;
    if (!gst_video_frame_map(&left, &*raw_, a, GST_MAP_READ))
        return false;
    bool same = false;
    if (gst_video_frame_map(&right, &*raw_, b, GST_MAP_READ)) {
        same = true;
        for (guint plane = 0; same && plane < GST_VIDEO_FRAME_N_PLANES(&left); ++plane) {
            const Rows l = rows_of(left, plane), r = rows_of(right, plane);
            same = equal(l, r) || (threshold && near(l, r, threshold));
        }
        gst_video_frame_unmap(&right);
    }
    gst_video_frame_unmap(&left);
    return same;
}

bool Compare::same_jpeg(GstBuffer *a, GstBuffer *b, unsigned threshold)
{
    {
        const Mapped left{a}, right{b};
        if (!left || !right)
            return false;
        if (jpeg::same_picture(left.bytes(), right.bytes()))
            return true;
    }
    if (!threshold)
        return false;
    if (kept_.get() != a) {
        kept_preview_ = preview(a);
        kept_ = Ref<GstBuffer>::share(a);
    }
    const auto &before = kept_preview_;
    const auto after = preview(b);
    return before && after && before->width == after->width && before->height == after->height &&
           std::equal(before->luma.begin(), before->luma.end(), after->luma.begin(),
                      [&](int l, int r) { return std::abs(l - r) <= int(threshold); });
}

/// The luma of a JPEG at an eighth of its size.
std::optional<Compare::Preview> Compare::preview(GstBuffer *buffer)
{
    const Mapped jpeg{buffer};
    if (!decoder_)
        decoder_ = {tjInitDecompress(), [](tjhandle h) { h &&tjDestroy(h); }};
    int width = 0, height = 0, sampling = 0, space = 0;
    if (!jpeg || !decoder_ ||
        tjDecompressHeader3(decoder_.get(), jpeg.bytes().data(), jpeg.bytes().size(), &width,
                            &height, &sampling, &space) != 0)
        return {};
    const tjscalingfactor eighth{1, kPreviewScale};
    Preview p;
    p.width = TJSCALED(width, eighth);
    p.height = TJSCALED(height, eighth);
    p.luma.resize(size_t(p.width) * size_t(p.height));
    if (tjDecompress2(decoder_.get(), jpeg.bytes().data(), jpeg.bytes().size(), p.luma.data(),
                      p.width, 0, p.height, TJPF_GRAY, 0) != 0)
        return {};
    return p;
}

} // namespace panto::detect
