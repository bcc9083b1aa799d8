// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/kvmsrc/fields.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace panto::kvm
{

bool in_order(v4l2_field field)
{
    return !in_halves(field) && field != V4L2_FIELD_SEQ_TB && field != V4L2_FIELD_SEQ_BT;
}

bool in_halves(v4l2_field field)
{
    return field == V4L2_FIELD_ALTERNATE || field == V4L2_FIELD_TOP || field == V4L2_FIELD_BOTTOM;
}

void copy_rows(const Ref<GstBuffer> &to, const GstVideoInfo &picture, std::span<const uint8_t> from,
               const GstVideoInfo &driver, Rows rows)
{
    GstMapInfo map;
    g_assert(gst_buffer_map(to.get(), &map, GST_MAP_WRITE));
    for (guint plane = 0; plane < GST_VIDEO_INFO_N_PLANES(&picture); ++plane) {
        const guint component = std::min(plane, 2u);
        const auto most = gsize(GST_VIDEO_INFO_COMP_HEIGHT(&picture, component));
        const auto there = gsize(GST_VIDEO_INFO_COMP_HEIGHT(&driver, component));
        const auto bytes = gsize(std::min(picture.stride[plane], driver.stride[plane]));
        gsize source = rows.from_half ? there / 2 : 0;
        for (gsize y = rows.first; y < most && source < there; y += rows.step, ++source)
            std::memcpy(map.data + picture.offset[plane] + y * gsize(picture.stride[plane]),
                        from.data() + driver.offset[plane] + source * gsize(driver.stride[plane]),
                        bytes);
    }
    gst_buffer_unmap(to.get(), &map);
}

void Weaver::set_format(const GstVideoInfo &picture, const GstVideoInfo &driver, v4l2_field field)
{
    picture_ = picture;
    driver_ = driver;
    field_ = field;
    half_ = {};
}

Ref<GstBuffer> Weaver::new_picture() const
{
    auto picture = Ref<GstBuffer>::adopt(gst_buffer_new_allocate(nullptr, picture_.size, nullptr));
    gst_buffer_memset(picture.get(), 0, 0, picture_.size); // rows may have padding
    return picture;
}

void Weaver::put(const Ref<GstBuffer> &picture, const Queue::Frame &frame, Rows rows) const
{
    copy_rows(picture, picture_, frame.memory, driver_, rows);
}

Ref<GstBuffer> Weaver::add(const Queue::Frame &frame)
{
    if (field_ == V4L2_FIELD_ALTERNATE)
        return add_field(frame);
    auto picture = new_picture();
    const bool both = !in_halves(field_); // else only ever the one: its rows stand for the other's
    const bool bottom_first = field_ == V4L2_FIELD_SEQ_BT;
    put(picture, frame, {false, bottom_first ? 1u : 0u, 2});
    put(picture, frame, {both, bottom_first ? 0u : 1u, 2});
    return picture;
}

/// Two fields that follow each other are a picture, whichever comes first.
Ref<GstBuffer> Weaver::add_field(const Queue::Frame &frame)
{
    constexpr uint32_t kFarthest = 1; // in pictures
    const bool fits =
        half_ && frame.field != half_field_ && frame.sequence - half_sequence_ <= kFarthest;
    if (!fits)
        half_ = new_picture();
    put(half_, frame, {false, frame.field == V4L2_FIELD_BOTTOM ? 1u : 0u, 2});
    half_field_ = frame.field;
    half_sequence_ = frame.sequence;
    return fits ? std::exchange(half_, {}) : Ref<GstBuffer>{};
}

} // namespace panto::kvm
