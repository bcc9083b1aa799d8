// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/media/even.h"

#include <gst/video/video.h>

namespace panto::media
{

Ref<GstSample> even_sized(GstSample *picture)
{
    GstCaps *caps = gst_sample_get_caps(picture);
    const GstStructure *s = gst_caps_get_structure(caps, 0);
    gint width = 0, height = 0;
    gst_structure_get_int(s, "width", &width);
    gst_structure_get_int(s, "height", &height);
    GstVideoInfo info;
    if ((width % 2 == 0 && height % 2 == 0) || width < 2 || height < 2 ||
        !gst_video_info_from_caps(&info, caps))
        return Ref<GstSample>::share(picture);
    const auto even = Ref<GstCaps>::adopt(gst_caps_copy(caps));
    gst_caps_set_simple(even.get(), "width", G_TYPE_INT, width & ~1, "height", G_TYPE_INT,
                        height & ~1, nullptr);
    const auto buffer = Ref<GstBuffer>::adopt(gst_buffer_copy(gst_sample_get_buffer(picture)));
    GstVideoMeta *meta = gst_buffer_get_video_meta(buffer.get());
    if (!meta)
        meta = gst_buffer_add_video_meta_full(
            buffer.get(), GST_VIDEO_FRAME_FLAG_NONE, GST_VIDEO_INFO_FORMAT(&info), guint(width),
            guint(height), GST_VIDEO_INFO_N_PLANES(&info), info.offset, info.stride);
    meta->width = guint(width & ~1);
    meta->height = guint(height & ~1);
    return Ref<GstSample>::adopt(gst_sample_new(buffer.get(), even.get(), nullptr, nullptr));
}

} // namespace panto::media
