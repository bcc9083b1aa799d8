// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/kvmsrc/card.h"

#include "lib/virtual/notice.h"

#include <cstring>
#include <gst/video/video.h>
#include <memory>
#include <turbojpeg.h>

namespace panto::kvm
{

namespace
{

constexpr int kJpegQuality = 85;

/// I420 as lib/virtual draws it: packed, BT.709.
GstVideoInfo drawn_layout(unsigned width, unsigned height)
{
    GstVideoInfo info;
    gst_video_info_set_format(&info, GST_VIDEO_FORMAT_I420, width, height);
    info.stride[0] = int(width);
    info.stride[1] = info.stride[2] = int(width / 2);
    info.offset[1] = size_t(width) * height;
    info.offset[2] = info.offset[1] * 5 / 4;
    info.size = info.offset[1] * 3 / 2;
    gst_video_colorimetry_from_string(&info.colorimetry, GST_VIDEO_COLORIMETRY_BT709);
    return info;
}

Result<Ref<GstBuffer>> to_jpeg(const std::vector<uint8_t> &i420, const GstVideoInfo &info)
{
    // JPEG carries full-range BT.601; greys differ from what was drawn in the range alone.
    std::vector<uint8_t> full = i420;
    for (size_t i = 0; i < info.offset[1]; ++i)
        full[i] = uint8_t((full[i] - 16) * 255 / 219);
    const unsigned char *planes[] = {full.data(), full.data() + info.offset[1],
                                     full.data() + info.offset[2]};
    const std::unique_ptr<void, int (*)(tjhandle)> encoder{tjInitCompress(), tjDestroy};
    unsigned char *jpeg = nullptr;
    unsigned long size = 0;
    const int failed =
        !encoder || tjCompressFromYUVPlanes(encoder.get(), planes, info.width, info.stride,
                                            info.height, TJSAMP_420, &jpeg, &size, kJpegQuality, 0);
    GstBuffer *buffer = failed ? nullptr : gst_buffer_new_memdup(jpeg, size);
    tjFree(jpeg);
    if (failed)
        return Error{Kind::Internal, "cannot encode the notice as JPEG"};
    return Ref<GstBuffer>::adopt(buffer);
}

Result<Ref<GstBuffer>> to_raw(const std::vector<uint8_t> &i420, GstVideoInfo &from,
                              const Ref<GstCaps> &caps)
{
    GstVideoInfo to;
    if (!gst_video_info_from_caps(&to, caps.get()))
        return Error{Kind::Invalid, "cannot draw a notice in these caps"};
    from.fps_n = to.fps_n;
    from.fps_d = to.fps_d;
    auto source = Ref<GstBuffer>::adopt(gst_buffer_new_memdup(i420.data(), i420.size()));
    gst_buffer_add_video_meta_full(source.get(), GST_VIDEO_FRAME_FLAG_NONE, GST_VIDEO_FORMAT_I420,
                                   guint(from.width), guint(from.height), 3, from.offset,
                                   from.stride);
    auto target = Ref<GstBuffer>::adopt(gst_buffer_new_allocate(nullptr, to.size, nullptr));
    gst_buffer_memset(target.get(), 0, 0, to.size);
    GstVideoFrame in, out;
    g_assert(gst_video_frame_map(&in, &from, source.get(), GST_MAP_READ));
    g_assert(gst_video_frame_map(&out, &to, target.get(), GST_MAP_WRITE));
    GstVideoConverter *converter = gst_video_converter_new(&from, &to, nullptr);
    if (converter) {
        gst_video_converter_frame(converter, &in, &out);
        gst_video_converter_free(converter);
    }
    gst_video_frame_unmap(&out);
    gst_video_frame_unmap(&in);
    if (!converter)
        return Error{Kind::Invalid, "cannot draw a notice in these caps"};
    return target;
}

} // namespace

void Card::set_caps(const Ref<GstCaps> &caps)
{
    caps_ = caps;
    drawn_ = {};
}

Result<Ref<GstBuffer>> Card::buffer(const Notice &notice)
{
    if (!drawn_ || !(notice == notice_)) {
        const GstStructure *s = gst_caps_get_structure(caps_.get(), 0);
        int width = 0, height = 0;
        if (!gst_structure_get_int(s, "width", &width) ||
            !gst_structure_get_int(s, "height", &height))
            return Error{Kind::Invalid, "cannot draw a notice without a size"};
        GstVideoInfo info = drawn_layout(unsigned(width + 1) & ~1u, unsigned(height + 1) & ~1u);
        const auto i420 =
            draw_notice(unsigned(info.width), unsigned(info.height), notice.reason, notice.cure);
        PANTO_TRY(drawn, gst_structure_has_name(s, "image/jpeg") ? to_jpeg(i420, info)
                                                                 : to_raw(i420, info, caps_));
        drawn_ = drawn;
        notice_ = notice;
    }
    // A shallow copy: our own time stamps, the same memory.
    return Ref<GstBuffer>::adopt(gst_buffer_copy(drawn_.get()));
}

} // namespace panto::kvm
