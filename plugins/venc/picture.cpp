// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/venc/picture.h"

#include "lib/gst/ref.h"

#include <algorithm>
#include <gst/allocators/gstdmabuf.h>
#include <linux/dma-buf.h>
#include <sys/ioctl.h>

namespace panto::venc
{

namespace
{

constexpr unsigned kUnknownRate = 30, kHighestRate = 256; // as Rockchip's own elements have it

struct Named {
    GstVideoFormat format;
    Pixels pixels;
};

constexpr Named kFormats[] = {
    {GST_VIDEO_FORMAT_NV12, Pixels::Nv12}, {GST_VIDEO_FORMAT_NV16, Pixels::Nv16},
    {GST_VIDEO_FORMAT_I420, Pixels::I420}, {GST_VIDEO_FORMAT_YUY2, Pixels::Yuy2},
    {GST_VIDEO_FORMAT_UYVY, Pixels::Uyvy}, {GST_VIDEO_FORMAT_BGR, Pixels::Bgr},
    {GST_VIDEO_FORMAT_BGRx, Pixels::Bgrx}};

bool is_rgb(Pixels pixels)
{
    return pixels == Pixels::Bgr || pixels == Pixels::Bgrx;
}

Colour colour_of(const GstVideoInfo &info, Codec codec, Pixels pixels)
{
    // The encoder converts RGB: to what JFIF demands, or to BT.709 in limited range.
    if (is_rgb(pixels))
        return codec == Codec::Jpeg ? Colour{6, 6, 6, true} : Colour{1, 1, 1, false};
    const GstVideoColorimetry &c = info.colorimetry;
    return {int(gst_video_color_matrix_to_iso(c.matrix)),
            int(gst_video_color_primaries_to_iso(c.primaries)),
            int(gst_video_transfer_function_to_iso(c.transfer)),
            c.range == GST_VIDEO_COLOR_RANGE_0_255};
}

void set_rate(Video &video, const GstVideoInfo &info)
{
    const int num = info.fps_n, den = info.fps_d; // the highest there will be, if it varies
    video.variable_rate =
        num == 0 || GST_VIDEO_INFO_FLAG_IS_SET(&info, GST_VIDEO_FLAG_VARIABLE_FPS);
    const bool known = num > 0 && den > 0 && unsigned(num) / unsigned(den) <= kHighestRate;
    video.fps_num = known ? unsigned(num) : kUnknownRate;
    video.fps_den = known ? unsigned(den) : 1;
}

/// A buffer's rows, mapped for reading. The processor's view of a DMABUF is brought up to date.
class Mapped : public Planes
{
public:
    static std::unique_ptr<Planes> make(GstBuffer *buffer, const GstVideoInfo &info)
    {
        std::unique_ptr<Mapped> mapped{new Mapped{buffer}};
        mapped->synchronize(DMA_BUF_SYNC_START | DMA_BUF_SYNC_READ);
        if (!gst_video_frame_map(&mapped->frame_, &info, buffer, GST_MAP_READ))
            return nullptr;
        mapped->is_mapped_ = true;
        for (guint i = 0; i < GST_VIDEO_FRAME_N_PLANES(&mapped->frame_); ++i) {
            mapped->data[i] =
                static_cast<const uint8_t *>(GST_VIDEO_FRAME_PLANE_DATA(&mapped->frame_, i));
            mapped->strides[i] = GST_VIDEO_FRAME_PLANE_STRIDE(&mapped->frame_, i);
        }
        return mapped;
    }
    ~Mapped() override
    {
        if (is_mapped_)
            gst_video_frame_unmap(&frame_);
        synchronize(DMA_BUF_SYNC_END | DMA_BUF_SYNC_READ);
    }

private:
    explicit Mapped(GstBuffer *buffer) : buffer_{Ref<GstBuffer>::share(buffer)} {}

    void synchronize(uint64_t flags) const
    {
        for (guint i = 0; i < gst_buffer_n_memory(buffer_.get()); ++i)
            if (GstMemory *memory = gst_buffer_peek_memory(buffer_.get(), i);
                gst_is_dmabuf_memory(memory)) {
                dma_buf_sync sync{flags};
                ioctl(gst_dmabuf_memory_get_fd(memory), DMA_BUF_IOCTL_SYNC, &sync);
            }
    }

    const Ref<GstBuffer> buffer_;
    GstVideoFrame frame_{};
    bool is_mapped_ = false;
};

Placement placement_of(GstBuffer *buffer, const GstVideoInfo &info, size_t size)
{
    Placement p;
    p.size = size;
    const GstVideoMeta *meta = gst_buffer_get_video_meta(buffer);
    p.planes = meta ? meta->n_planes : GST_VIDEO_INFO_N_PLANES(&info);
    for (guint i = 0; i < std::min<guint>(p.planes, 3); ++i) {
        p.offsets[i] = meta ? meta->offset[i] : GST_VIDEO_INFO_PLANE_OFFSET(&info, i);
        p.strides[i] = meta ? meta->stride[i] : GST_VIDEO_INFO_PLANE_STRIDE(&info, i);
    }
    return p;
}

/// The memory's own slot. It goes before the memory does, so the import ends while the descriptor
/// is still open.
std::shared_ptr<ImportSlot> slot_of(GstMemory *memory)
{
    using Kept = std::shared_ptr<ImportSlot>;
    static const GQuark quark = g_quark_from_static_string("panto-venc-import");
    static std::mutex mutex; // two elements may meet a new memory at once
    const std::lock_guard lock{mutex};
    auto *kept =
        static_cast<Kept *>(gst_mini_object_get_qdata(GST_MINI_OBJECT_CAST(memory), quark));
    if (!kept) {
        kept = new Kept{std::make_shared<ImportSlot>()};
        gst_mini_object_set_qdata(GST_MINI_OBJECT_CAST(memory), quark, kept,
                                  [](gpointer p) { delete static_cast<Kept *>(p); });
    }
    return *kept;
}

/// Nothing, and why, unless the encoder can read the buffer's memory itself.
std::optional<Direct> direct_of(GstBuffer *buffer, const GstVideoInfo &info, Codec codec,
                                const Video &video, std::string &why)
{
    GstMemory *memory = gst_buffer_peek_memory(buffer, 0);
    if (!gst_is_dmabuf_memory(memory))
        return std::nullopt;
    gsize offset = 0, whole = 0;
    gst_memory_get_sizes(memory, &offset, &whole);
    if (gst_buffer_n_memory(buffer) != 1 || offset) {
        why = "it is not one memory from the start";
        return std::nullopt;
    }
    const auto layout = direct_layout(codec, video, placement_of(buffer, info, whole));
    if (!layout) {
        why = layout.error().message;
        return std::nullopt;
    }
    return Direct{gst_dmabuf_memory_get_fd(memory), whole, *layout, slot_of(memory)};
}

} // namespace

const char *format_name(Pixels pixels)
{
    for (const Named &n : kFormats)
        if (n.pixels == pixels)
            return gst_video_format_to_string(n.format);
    return nullptr;
}

std::optional<Video> video_of(Codec codec, const GstVideoInfo &info)
{
    for (const Named &n : kFormats) {
        if (n.format != GST_VIDEO_INFO_FORMAT(&info))
            continue;
        Video v;
        v.pixels = n.pixels;
        v.width = unsigned(info.width);
        v.height = unsigned(info.height);
        v.colour = colour_of(info, codec, n.pixels);
        set_rate(v, info);
        return v;
    }
    return std::nullopt;
}

Picture picture_of(GstBuffer *buffer, const GstVideoInfo &info, Codec codec, const Video &video,
                   std::string &why_copied)
{
    Picture p;
    p.memory = {gst_buffer_ref(buffer), [](GstBuffer *b) { gst_buffer_unref(b); }};
    p.direct = direct_of(buffer, info, codec, video, why_copied);
    p.map = [buffer, info] { return Mapped::make(buffer, info); }; // p.memory keeps the buffer
    return p;
}

} // namespace panto::venc
