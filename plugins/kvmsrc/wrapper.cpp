// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/kvmsrc/wrapper.h"

#include "lib/jpeg/markers.h"

#include <algorithm>

namespace panto::kvm
{

namespace
{

void end_lease(gpointer lease)
{
    delete static_cast<Queue::Lease *>(lease);
}

GQuark lease_quark()
{
    static const GQuark quark = g_quark_from_static_string("pantograph-lease");
    return quark;
}

} // namespace

void Wrapper::set_format(const Ref<GstCaps> &caps, const Layout &layout)
{
    frames_per_picture_ = layout.field == V4L2_FIELD_ALTERNATE ? 2 : 1;
    raw_ = gst_structure_has_name(gst_caps_get_structure(caps.get(), 0), "video/x-raw");
    if (!raw_) {
        woven_ = false;
        mode_ = mode_of(caps.get());
        return;
    }
    g_assert(gst_video_info_from_caps(&plain_, caps.get()));
    driver_ = info_of(caps, layout);
    own_layout_ = plain_.size == driver_.size &&
                  std::equal(plain_.stride, plain_.stride + GST_VIDEO_MAX_PLANES, driver_.stride);
    woven_ = !in_order(layout.field);
    weaver_.set_format(plain_, driver_, layout.field);
}

size_t Wrapper::size_of(const Queue::Frame &frame) const
{
    if (frame.broken)
        return 0;
    if (raw_)
        return frame.size_bytes >= driver_.size ? driver_.size : 0;
    const auto bytes = frame.memory.first(frame.size_bytes);
    const auto header = jpeg::read_header(bytes);
    const bool fits = header && header->width == mode_.width && header->height == mode_.height;
    return fits ? jpeg::end_of(bytes, *header) : 0;
}

Ref<GstBuffer> Wrapper::wrap(Queue::Frame frame, size_t size, bool copy)
{
    if (woven_)
        return weaver_.add(frame);
    if (raw_ && !own_layout_ && !video_meta_)
        return rearranged(frame);
    auto buffer = copy ? Ref<GstBuffer>::adopt(gst_buffer_new_memdup(frame.memory.data(), size))
                       : lend(std::move(frame));
    gst_buffer_set_size(buffer.get(), gssize(size));
    if (raw_ && video_meta_)
        gst_buffer_add_video_meta_full(buffer.get(), GST_VIDEO_FRAME_FLAG_NONE,
                                       GST_VIDEO_INFO_FORMAT(&driver_), guint(driver_.width),
                                       guint(driver_.height), GST_VIDEO_INFO_N_PLANES(&driver_),
                                       driver_.offset, driver_.stride);
    return buffer;
}

Ref<GstBuffer> Wrapper::lend(Queue::Frame frame)
{
    auto *lease = new Queue::Lease{std::move(frame.lease)};
    const auto memory = frame.memory;
    GstMemory *m;
    if (frame.dmabuf >= 0) {
        // The queue closes the descriptor; the same buffer has the same one each time, so that
        // importers can keep their mapping of it.
        m = gst_dmabuf_allocator_alloc_with_flags(dmabufs_.get(), frame.dmabuf, memory.size(),
                                                  GST_FD_MEMORY_FLAG_DONT_CLOSE);
        gst_mini_object_set_qdata(GST_MINI_OBJECT(m), lease_quark(), lease, end_lease);
    } else {
        m = gst_memory_new_wrapped(GstMemoryFlags(0), memory.data(), memory.size(), 0,
                                   memory.size(), lease, end_lease);
    }
    auto buffer = Ref<GstBuffer>::adopt(gst_buffer_new());
    gst_buffer_append_memory(buffer.get(), m);
    return buffer;
}

/// A copy in GStreamer's own layout.
Ref<GstBuffer> Wrapper::rearranged(const Queue::Frame &frame) const
{
    auto buffer = Ref<GstBuffer>::adopt(gst_buffer_new_allocate(nullptr, plain_.size, nullptr));
    gst_buffer_memset(buffer.get(), 0, 0, plain_.size);
    copy_rows(buffer, plain_, frame.memory, driver_, {});
    return buffer;
}

} // namespace panto::kvm
