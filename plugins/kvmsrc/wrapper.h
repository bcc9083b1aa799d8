// SPDX-License-Identifier: LGPL-2.1-or-later
/// Wrapper: turns frames on lease from a driver into buffers, without a copy where that is safe.
///
/// Owner    a buffer owns its lease: the driver gets the frame back when the last reference goes
/// Threads  the streaming thread; the buffers may end on any
#pragma once

#include "plugins/kvmsrc/fields.h"
#include "plugins/kvmsrc/formats.h"

#include <gst/allocators/gstdmabuf.h>

namespace panto::kvm
{

class Wrapper
{
public:
    /// Takes the negotiated caps and how the driver lays them out.
    void set_format(const Ref<GstCaps> &caps, const Layout &layout);
    /// Without GstVideoMeta downstream, a layout that is not GStreamer's own costs a copy.
    void set_video_meta(bool understood) { video_meta_ = understood; }

    /// How many bytes its picture has, in the mode that is set; 0 unless all of it is there.
    size_t size_of(const Queue::Frame &frame) const;
    /// How many frames may make one picture: two where each is a field.
    size_t frames_per_picture() const { return frames_per_picture_; }
    /// A frame of that size as a buffer without time stamps, if its picture is whole with it; with
    /// `copy` its lease ends at once.
    Ref<GstBuffer> wrap(Queue::Frame frame, size_t size, bool copy);

private:
    Ref<GstBuffer> lend(Queue::Frame frame);
    Ref<GstBuffer> rearranged(const Queue::Frame &frame) const;

    bool raw_ = false;
    bool woven_ = false; // the rows of a picture do not come in their order
    size_t frames_per_picture_ = 1;
    Weaver weaver_;
    Mode mode_; // of JPEG
    bool video_meta_ = false;
    bool own_layout_ = true; // the driver's layout is GStreamer's own
    GstVideoInfo driver_{};  // of raw frames, as they come
    GstVideoInfo plain_{};   // of raw frames, as GStreamer has them
    Ref<GstAllocator> dmabufs_ = Ref<GstAllocator>::adopt(gst_dmabuf_allocator_new());
};

} // namespace panto::kvm
