// SPDX-License-Identifier: LGPL-2.1-or-later
/// VirtualSource: the virtual computer's screen, once per tick of the pipeline's clock.
///
/// Drops    ticks that passed while downstream was busy: the next picture is the newest one
/// Threads  as Source
#pragma once

#include "lib/virtual/computer.h"
#include "plugins/kvmsrc/source.h"

#include <mutex>

namespace panto::kvm
{

class VirtualSource : public Source
{
public:
    struct Options {
        unsigned width, height, fps;
        bool stamp;
    };
    VirtualSource(GstElement *element, VirtualComputer &computer, Options options)
        : element_{element}, computer_{computer}, options_{options}
    {
    }
    Result<> start() override;
    void stop() override;
    Ref<GstCaps> caps() const override;
    Result<Ref<GstCaps>> configure(const Ref<GstCaps> &fixed) override;
    void set_video_meta(bool) override {}
    Taken take() override;
    Signal signal() const override { return signal_; }
    Figures figures() const override { return figures_; }
    GstClockTime latency() const override { return 0; }
    void unlock(bool flushing) override;

private:
    using Picture = std::shared_ptr<const VirtualComputer::Picture>;

    GstClockTime tick_number(guint64 n) const
    {
        return gst_util_uint64_scale(n, GST_SECOND, options_.fps);
    }
    GstClockTime tick_at(GstClockTime time) const;
    GstClockTime tick_after(GstClockTime time) const;
    bool wait_for(GstClockTime running_time);
    Ref<GstBuffer> wrap(const Picture &picture);
    Ref<GstBuffer> stamped(const VirtualComputer::Picture &picture) const;

    GstElement *element_; // borrowed: the element owns us
    VirtualComputer &computer_;
    const Options options_;
    Signal signal_;
    unsigned width_ = 0, height_ = 0; // of the caps we offer
    bool configured_ = false;
    GstClockTime tick_ = GST_CLOCK_TIME_NONE;    // of the picture handed out last
    GstClockTime noticed_ = GST_CLOCK_TIME_NONE; // when the last drawn frame was due
    bool due_ = false;                           // tick_ was waited for, its picture not taken yet
    Ref<GstMemory> memory_;                      // wraps the picture handed out last,
    uint64_t revision_ = 0;                      // which has this revision

    Figures figures_;

    std::mutex mutex_; // guards what follows, never held while waiting
    GstClockID wait_ = nullptr;
    bool flushing_ = false;
};

} // namespace panto::kvm
