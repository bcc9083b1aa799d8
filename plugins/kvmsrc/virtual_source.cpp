// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/kvmsrc/virtual_source.h"

#include "lib/virtual/stamp.h"

#include <algorithm>
#include <cstring>
#include <gst/video/video.h>

namespace panto::kvm
{

namespace
{

GstVideoInfo layout(unsigned width, unsigned height)
{
    GstVideoInfo info;
    gst_video_info_set_format(&info, GST_VIDEO_FORMAT_I420, width, height);
    return info;
}

/// The picture's planes are packed; GStreamer's default layout pads their rows to four bytes.
void copy_planes(const VirtualComputer::Picture &picture, const GstVideoInfo &info, uint8_t *to)
{
    const uint8_t *from = picture.i420.data();
    for (unsigned plane = 0; plane < 3; ++plane) {
        const unsigned width = plane ? picture.width / 2 : picture.width;
        const unsigned height = plane ? picture.height / 2 : picture.height;
        for (unsigned y = 0; y < height; ++y, from += width)
            std::memcpy(to + info.offset[plane] + size_t(y) * info.stride[plane], from, width);
    }
}

} // namespace

Result<> VirtualSource::start()
{
    PANTO_TRY(resized, computer_.resize(options_.width, options_.height));
    (void)resized;
    signal_ = {};
    width_ = options_.width;
    height_ = options_.height;
    configured_ = due_ = false;
    tick_ = noticed_ = GST_CLOCK_TIME_NONE;
    return ok;
}

void VirtualSource::stop()
{
    memory_ = {};
}

Ref<GstCaps> VirtualSource::caps() const
{
    return Ref<GstCaps>::adopt(gst_caps_new_simple(
        "video/x-raw", "format", G_TYPE_STRING, "I420", "width", G_TYPE_INT, int(width_), "height",
        G_TYPE_INT, int(height_), "framerate", GST_TYPE_FRACTION, int(options_.fps), 1,
        "pixel-aspect-ratio", GST_TYPE_FRACTION, 1, 1, "interlace-mode", G_TYPE_STRING,
        "progressive", "colorimetry", G_TYPE_STRING, GST_VIDEO_COLORIMETRY_BT709, nullptr));
}

Result<Ref<GstCaps>> VirtualSource::configure(const Ref<GstCaps> &fixed)
{
    configured_ = true;
    return fixed;
}

/// The last tick at or before `time`; ticks lie on a grid that starts with the pipeline.
GstClockTime VirtualSource::tick_at(GstClockTime time) const
{
    const guint64 n = gst_util_uint64_scale(time, options_.fps, GST_SECOND);
    const GstClockTime next = tick_number(n + 1); // rounding may have put us one tick early
    return next <= time ? next : tick_number(n);
}

GstClockTime VirtualSource::tick_after(GstClockTime time) const
{
    const guint64 n = gst_util_uint64_scale(time, options_.fps, GST_SECOND) + 1;
    return tick_number(n) > time ? tick_number(n) : tick_number(n + 1);
}

bool VirtualSource::wait_for(GstClockTime running)
{
    const auto clock = clock_of(element_);
    const GstClockTime base = gst_element_get_base_time(element_);
    GstClockID id = nullptr;
    {
        std::lock_guard lock{mutex_};
        if (flushing_)
            return false;
        if (running <= running_time(element_))
            return true;
        id = wait_ = gst_clock_new_single_shot_id(clock.get(), base + running);
    }
    const auto how = gst_clock_id_wait(id, nullptr);
    std::lock_guard lock{mutex_};
    wait_ = nullptr;
    gst_clock_id_unref(id);
    return how != GST_CLOCK_UNSCHEDULED && !flushing_;
}

void VirtualSource::unlock(bool flushing)
{
    std::lock_guard lock{mutex_};
    flushing_ = flushing;
    if (flushing && wait_)
        gst_clock_id_unschedule(wait_);
}

Taken VirtualSource::take()
{
    for (;;) {
        if (!due_) {
            const GstClockTime now = running_time(element_), before = tick_;
            // The first picture does not wait.
            const GstClockTime tick =
                GST_CLOCK_TIME_IS_VALID(tick_) ? tick_after(std::max(now, tick_)) : now;
            if (!wait_for(tick))
                return {Taken::What::Flushing};
            tick_ = std::max(tick, tick_at(running_time(element_))); // woken late: the newest tick
            if (GST_CLOCK_TIME_IS_VALID(before)) {
                const guint64 ticks =
                    gst_util_uint64_scale_round(tick_ - before, options_.fps, GST_SECOND);
                figures_.dropped += ticks > 1 ? ticks - 1 : 0;
            }
        }
        due_ = false;
        const Picture picture = computer_.picture();
        const State state_before = signal_.state;
        if (picture) {
            signal_ = {State::Ok, picture->width, picture->height, {options_.fps, 1}};
        } else {
            const bool off = computer_.state() == VirtualComputer::State::Off;
            signal_ = {off ? State::NoSignal : State::NoCable};
        }
        const bool resized = picture && (picture->width != width_ || picture->height != height_);
        if (resized || !configured_) {
            if (picture) {
                width_ = picture->width;
                height_ = picture->height;
            }
            configured_ = false;
            due_ = true; // this tick's picture comes with the new caps
            return {Taken::What::NewCaps};
        }
        if (picture) {
            auto buffer = options_.stamp ? stamped(*picture) : wrap(picture);
            GST_BUFFER_PTS(buffer.get()) = tick_;
            noticed_ = GST_CLOCK_TIME_NONE;
            ++figures_.frames;
            return {Taken::What::Picture, std::move(buffer)};
        }
        if (state_before != signal_.state || !GST_CLOCK_TIME_IS_VALID(noticed_) ||
            tick_ >= noticed_ + kNoticeInterval) {
            noticed_ = tick_;
            return {Taken::What::NoPicture};
        }
    }
}

/// An unchanged screen gives out the same memory again; the buffer's offset is its revision.
Ref<GstBuffer> VirtualSource::wrap(const Picture &picture)
{
    if (!memory_ || revision_ != picture->revision) {
        const GstVideoInfo info = layout(picture->width, picture->height);
        if (info.size == picture->i420.size()) {
            auto *data = const_cast<uint8_t *>(picture->i420.data()); // READONLY keeps it constant
            memory_ = Ref<GstMemory>::adopt(gst_memory_new_wrapped(
                GST_MEMORY_FLAG_READONLY, data, info.size, 0, info.size, new Picture{picture},
                [](gpointer p) { delete static_cast<Picture *>(p); }));
        } else {
            GstMemory *padded = gst_allocator_alloc(nullptr, info.size, nullptr);
            GstMapInfo map;
            g_assert(gst_memory_map(padded, &map, GST_MAP_WRITE));
            std::memset(map.data, 0, map.size); // same pixels, same bytes: the padding, too
            copy_planes(*picture, info, map.data);
            gst_memory_unmap(padded, &map);
            GST_MINI_OBJECT_FLAG_SET(padded, GST_MEMORY_FLAG_READONLY);
            memory_ = Ref<GstMemory>::adopt(padded);
        }
        revision_ = picture->revision;
    }
    auto buffer = Ref<GstBuffer>::adopt(gst_buffer_new());
    gst_buffer_append_memory(buffer.get(), gst_memory_ref(memory_.get()));
    GST_BUFFER_OFFSET(buffer.get()) = picture->revision;
    return buffer;
}

Ref<GstBuffer> VirtualSource::stamped(const VirtualComputer::Picture &picture) const
{
    const GstVideoInfo info = layout(picture.width, picture.height);
    auto buffer = Ref<GstBuffer>::adopt(gst_buffer_new_allocate(nullptr, info.size, nullptr));
    GstMapInfo map;
    g_assert(gst_buffer_map(buffer.get(), &map, GST_MAP_WRITE));
    copy_planes(picture, info, map.data);
    if (picture.width >= stamp::kWidth && picture.height >= stamp::kHeight)
        stamp::draw(map.data, size_t(info.stride[0]), stamp::now());
    gst_buffer_unmap(buffer.get(), &map);
    return buffer;
}

} // namespace panto::kvm
