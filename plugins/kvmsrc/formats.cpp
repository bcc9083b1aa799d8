// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/kvmsrc/formats.h"

#include <algorithm>

namespace panto::kvm
{

namespace
{

struct Format {
    uint32_t fourcc;
    GstVideoFormat video; ///< ENCODED is JPEG
};

// Encoders take the first two as they are; packed ones convert cheaply to I420; JPEG saves the bus
// but must be decoded; converting from RGB costs more than encoding.
constexpr Format kFormats[] = {
    {V4L2_PIX_FMT_YUV420, GST_VIDEO_FORMAT_I420},   {V4L2_PIX_FMT_NV12, GST_VIDEO_FORMAT_NV12},
    {V4L2_PIX_FMT_YUYV, GST_VIDEO_FORMAT_YUY2},     {V4L2_PIX_FMT_UYVY, GST_VIDEO_FORMAT_UYVY},
    {V4L2_PIX_FMT_NV16, GST_VIDEO_FORMAT_NV16},     {V4L2_PIX_FMT_NV24, GST_VIDEO_FORMAT_NV24},
    {V4L2_PIX_FMT_MJPEG, GST_VIDEO_FORMAT_ENCODED}, {V4L2_PIX_FMT_JPEG, GST_VIDEO_FORMAT_ENCODED},
    {V4L2_PIX_FMT_BGR24, GST_VIDEO_FORMAT_BGR},     {V4L2_PIX_FMT_RGB24, GST_VIDEO_FORMAT_RGB},
};

void set_rates(GstStructure *s, const std::vector<Rate> &rates)
{
    if (rates.empty()) {
        gst_structure_set(s, "framerate", GST_TYPE_FRACTION_RANGE, 1, 1, 240, 1, nullptr);
        return;
    }
    GValue list = G_VALUE_INIT, one = G_VALUE_INIT;
    g_value_init(&list, GST_TYPE_LIST);
    g_value_init(&one, GST_TYPE_FRACTION);
    for (const Rate &r : rates) {
        gst_value_set_fraction(&one, int(r.numerator), int(r.denominator));
        gst_value_list_append_value(&list, &one);
    }
    if (rates.size() == 1)
        gst_structure_set_value(s, "framerate", &one);
    else
        gst_structure_set_value(s, "framerate", &list);
    g_value_unset(&one);
    g_value_unset(&list);
}

GstStructure *structure_of(const Format &format, const Offer &offer)
{
    const bool jpeg = format.video == GST_VIDEO_FORMAT_ENCODED;
    GstStructure *s = gst_structure_new_empty(jpeg ? "image/jpeg" : "video/x-raw");
    if (!jpeg)
        gst_structure_set(s, "format", G_TYPE_STRING, gst_video_format_to_string(format.video),
                          "interlace-mode", G_TYPE_STRING, "progressive", nullptr);
    gst_structure_set(s, "width", G_TYPE_INT, int(offer.width), "height", G_TYPE_INT,
                      int(offer.height), "pixel-aspect-ratio", GST_TYPE_FRACTION, 1, 1, nullptr);
    set_rates(s, offer.rates);
    return s;
}

/// The colour space as GStreamer names it; nothing for those it leaves to guess.
/// Source   V4L2's colour space defaults: sRGB video is sYCC, JPEG is full-range BT.601
const char *word_of(v4l2_colorspace space, bool rgb)
{
    switch (space) {
    case V4L2_COLORSPACE_REC709:
        return rgb ? GST_VIDEO_COLORIMETRY_SRGB : GST_VIDEO_COLORIMETRY_BT709;
    case V4L2_COLORSPACE_SMPTE170M:
        return rgb ? nullptr : GST_VIDEO_COLORIMETRY_BT601;
    case V4L2_COLORSPACE_BT2020:
        return rgb ? nullptr : GST_VIDEO_COLORIMETRY_BT2020;
    case V4L2_COLORSPACE_SRGB:
        return rgb ? GST_VIDEO_COLORIMETRY_SRGB : "2:4:7:1";
    case V4L2_COLORSPACE_JPEG:
        return rgb ? GST_VIDEO_COLORIMETRY_SRGB : "1:4:7:1";
    default:
        return nullptr;
    }
}

} // namespace

std::optional<unsigned> rank_of(uint32_t fourcc)
{
    const auto *end = std::end(kFormats);
    const auto *f = std::find_if(kFormats, end, [&](auto &k) { return k.fourcc == fourcc; });
    return f == end ? std::nullopt : std::optional{unsigned(f - kFormats)};
}

uint32_t fourcc_of(const GstCaps *caps)
{
    const GstStructure *s = gst_caps_get_structure(caps, 0);
    const char *name = gst_structure_get_string(s, "format");
    const auto video = name ? gst_video_format_from_string(name) : GST_VIDEO_FORMAT_ENCODED;
    for (const Format &f : kFormats)
        if (f.video == video)
            return f.fourcc;
    return 0;
}

Ref<GstCaps> to_caps(std::vector<Offer> offers)
{
    std::erase_if(offers, [](const Offer &o) { return !rank_of(o.fourcc); });
    std::stable_sort(offers.begin(), offers.end(), [](const Offer &a, const Offer &b) {
        return *rank_of(a.fourcc) < *rank_of(b.fourcc);
    });
    auto caps = Ref<GstCaps>::adopt(gst_caps_new_empty());
    for (const Offer &o : offers)
        gst_caps_append_structure(caps.get(), structure_of(kFormats[*rank_of(o.fourcc)], o));
    return caps;
}

Ref<GstCaps> any_caps(const Mode &mode)
{
    auto caps = Ref<GstCaps>::adopt(gst_caps_new_empty());
    for (const Format &f : kFormats)
        if (f.fourcc != V4L2_PIX_FMT_JPEG) // the same caps as MJPEG
            gst_caps_append_structure(
                caps.get(), structure_of(f, {f.fourcc, mode.width, mode.height, {mode.rate}}));
    return caps;
}

Mode mode_of(const GstCaps *caps)
{
    const GstStructure *s = gst_caps_get_structure(caps, 0);
    int width = 0, height = 0, numerator = 0, denominator = 1;
    gst_structure_get_int(s, "width", &width);
    gst_structure_get_int(s, "height", &height);
    gst_structure_get_fraction(s, "framerate", &numerator, &denominator);
    return {unsigned(width), unsigned(height), {unsigned(numerator), unsigned(denominator)}};
}

Ref<GstCaps> with_colorimetry(const Ref<GstCaps> &fixed, const Layout &layout)
{
    const GstStructure *s = gst_caps_get_structure(fixed.get(), 0);
    GstVideoInfo info;
    if (gst_structure_has_name(s, "image/jpeg") || gst_structure_has_field(s, "colorimetry") ||
        !gst_video_info_from_caps(&info, fixed.get()))
        return fixed;
    GstVideoColorimetry c = info.colorimetry; // GStreamer's guess from the size
    const bool rgb = GST_VIDEO_INFO_IS_RGB(&info);
    const v4l2_colorspace space = layout.colorspace;
    if (const char *word = word_of(space, rgb))
        gst_video_colorimetry_from_string(&c, word);
    if (!rgb && layout.encoding == V4L2_YCBCR_ENC_601)
        c.matrix = GST_VIDEO_COLOR_MATRIX_BT601;
    if (!rgb && layout.encoding == V4L2_YCBCR_ENC_709)
        c.matrix = GST_VIDEO_COLOR_MATRIX_BT709;
    if (layout.quantization != V4L2_QUANTIZATION_DEFAULT)
        c.range = layout.quantization == V4L2_QUANTIZATION_FULL_RANGE
                      ? GST_VIDEO_COLOR_RANGE_0_255
                      : GST_VIDEO_COLOR_RANGE_16_235;
    gchar *text = gst_video_colorimetry_to_string(&c);
    auto caps = Ref<GstCaps>::adopt(gst_caps_copy(fixed.get()));
    if (text)
        gst_caps_set_simple(caps.get(), "colorimetry", G_TYPE_STRING, text, nullptr);
    g_free(text);
    return caps;
}

GstVideoInfo info_of(const Ref<GstCaps> &fixed, const Layout &layout)
{
    GstVideoInfo info;
    g_assert(gst_video_info_from_caps(&info, fixed.get()));
    if (int(layout.height) != info.height) // a field
        gst_video_info_set_format(&info, GST_VIDEO_INFO_FORMAT(&info), guint(info.width),
                                  layout.height);
    const auto row = int(layout.row_bytes);
    if (!row || row == info.stride[0])
        return info;
    // V4L2 keeps the planes of these formats in one piece, and names the luma rows' length only.
    const GstVideoFormat format = GST_VIDEO_INFO_FORMAT(&info);
    const gsize chroma_rows = GST_VIDEO_FORMAT_INFO_SCALE_HEIGHT(info.finfo, 1, layout.height);
    info.stride[0] = row;
    info.size = gsize(row) * layout.height;
    for (guint plane = 1; plane < GST_VIDEO_INFO_N_PLANES(&info); ++plane) {
        info.stride[plane] = format == GST_VIDEO_FORMAT_I420   ? row / 2
                             : format == GST_VIDEO_FORMAT_NV24 ? row * 2
                                                               : row;
        info.offset[plane] = info.size;
        info.size += gsize(info.stride[plane]) * chroma_rows;
    }
    return info;
}

} // namespace panto::kvm
