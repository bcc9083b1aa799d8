// SPDX-License-Identifier: LGPL-2.1-or-later
/// Capture: one V4L2 capture device; what its input sees, what it offers, and its stream.
///
/// Errors   Error::code is the errno; ENODEV and ENXIO mean that the device is gone
/// Threads  one at a time
/// Source   Linux Documentation/userspace-api/media/v4l
#pragma once

#include "plugins/kvmsrc/queue.h"
#include "plugins/kvmsrc/signal.h"

#include <string>

namespace panto::kvm
{

struct Mode {
    unsigned width = 0;
    unsigned height = 0;
    Rate rate;
    bool operator==(const Mode &) const = default;
};

/// One pixel format at one size, with the rates it comes in; no rates means any.
struct Offer {
    uint32_t fourcc = 0;
    unsigned width = 0;
    unsigned height = 0;
    std::vector<Rate> rates;
};

/// How the frames of a configured stream lie in memory, and what their colours mean.
struct Layout {
    uint32_t fourcc = 0;
    unsigned width = 0;
    unsigned height = 0;    ///< of what is in one buffer: of a field, where those come one by one
    unsigned row_bytes = 0; ///< of the first plane; 0 for compressed formats
    size_t frame_bytes = 0; ///< what the driver sets aside for one
    v4l2_field field = V4L2_FIELD_NONE;
    v4l2_colorspace colorspace = V4L2_COLORSPACE_DEFAULT;
    v4l2_ycbcr_encoding encoding = V4L2_YCBCR_ENC_DEFAULT;
    v4l2_quantization quantization = V4L2_QUANTIZATION_DEFAULT;
    v4l2_xfer_func transfer = V4L2_XFER_FUNC_DEFAULT;
};

/// The rate nearest to frames per 1000 s, as people write it: 60/1, 60000/1001, else frames/1000.
Rate tidy_rate(uint64_t pixel_clock, uint64_t pixels_per_frame);

class Capture
{
public:
    /// Errors   NotFound  no such node     Denied       no permission
    ///          Busy      held elsewhere   Invalid      no capture device
    static Result<Capture> open(const std::string &node);

    /// What the input sees now; its size and rate are zero for a device without DV timings.
    Signal detect();
    /// Whether the picture's size comes with the signal, as HDMI, and is not ours to choose.
    bool follows_timings() const { return timings_known_; }
    /// Whether the device tells by itself when the signal changes.
    bool has_events() const { return has_events_; }
    /// What it can deliver: in the signal's mode, or else in its own sizes, `wanted` among any.
    std::vector<Offer> offers(const Mode &wanted) const;

    /// Sets timings, format and rate; the stream must be stopped.
    Result<Layout> configure(uint32_t fourcc, const Mode &mode);
    Result<std::shared_ptr<Queue>> start(unsigned buffers, bool export_dmabuf);

    enum class Wake { Frame, Event, Timeout, Interrupted, Broken };
    enum class For { Frames, Events, Nothing };
    /// Waits for a frame (while streaming) or an event, or for `interrupt` to become readable.
    Wake wait(int interrupt, For what, std::chrono::milliseconds longest) const;
    /// Takes all pending events; true when one says that the source changed.
    bool source_changed();

private:
    Capture(Fd fd, v4l2_buf_type type);
    State cable() const;
    State input_status() const;
    std::string limit() const;
    std::vector<Offer> sizes(uint32_t fourcc, const Mode &wanted) const;
    std::vector<Rate> rates(uint32_t fourcc, unsigned width, unsigned height) const;
    void set_rate(const Rate &rate);
    int control(unsigned long request, void *argument) const
    {
        return v4l2_ioctl(fd_->get(), request, argument);
    }

    std::shared_ptr<const Fd> fd_;
    v4l2_buf_type type_;
    bool has_events_ = false;
    bool timings_known_ = false;
    v4l2_dv_timings timings_{};
    Mode detected_;
};

} // namespace panto::kvm
