// SPDX-License-Identifier: LGPL-2.1-or-later
/// Weaver: makes whole pictures of the fields of an interlaced signal.
///
/// The rows of two fields are put between one another. A computer's screen stands still most of the
/// time, and its text is then as sharp as it was drawn; what moves shows combs.
///
/// Drops    a field whose other half was lost
/// Threads  one at a time
/// Source   Linux Documentation/userspace-api/media/v4l/field-order.rst
#pragma once

#include "lib/gst/ref.h"
#include "plugins/kvmsrc/queue.h"

#include <gst/video/video.h>

namespace panto::kvm
{

/// Whether a buffer holds the rows of a whole picture, one after the other.
bool in_order(v4l2_field field);
/// Whether a buffer holds half of a picture's rows.
bool in_halves(v4l2_field field);

/// Where rows go: those of a buffer from its half on, or all, to every second row, or to each.
struct Rows {
    bool from_half = false;
    unsigned first = 0;
    unsigned step = 1;
};
/// Copies rows from the driver's layout to the picture's.
void copy_rows(const Ref<GstBuffer> &to, const GstVideoInfo &picture, std::span<const uint8_t> from,
               const GstVideoInfo &driver, Rows rows);

class Weaver
{
public:
    /// Takes the layout of pictures, that of the driver's buffers, and which rows are in those.
    void set_format(const GstVideoInfo &picture, const GstVideoInfo &driver, v4l2_field field);
    /// The picture that is whole with this frame, or nothing: another field must follow.
    Ref<GstBuffer> add(const Queue::Frame &frame);

private:
    Ref<GstBuffer> add_field(const Queue::Frame &frame);
    Ref<GstBuffer> new_picture() const;
    void put(const Ref<GstBuffer> &picture, const Queue::Frame &frame, Rows rows) const;

    GstVideoInfo picture_{}, driver_{};
    v4l2_field field_ = V4L2_FIELD_NONE;
    Ref<GstBuffer> half_; // a picture that lacks a field; what is in it:
    v4l2_field half_field_ = V4L2_FIELD_NONE;
    uint32_t half_sequence_ = 0;
};

} // namespace panto::kvm
