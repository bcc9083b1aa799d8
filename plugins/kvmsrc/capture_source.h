// SPDX-License-Identifier: LGPL-2.1-or-later
/// CaptureSource: what a V4L2 device sees, through loss of signal, cable and device.
///
/// Drops    frames that came while downstream was busy, and broken ones
/// Threads  as Source
#pragma once

#include "plugins/kvmsrc/refusals.h"
#include "plugins/kvmsrc/source.h"
#include "plugins/kvmsrc/wrapper.h"

#include <atomic>

namespace panto::kvm
{

class CaptureSource : public Source
{
public:
    struct Options {
        std::string device;
        Mode wanted; ///< of a device that leaves it to us, and of the first drawn frame
        unsigned buffers = 6;
        bool dmabuf = false; ///< hand on exported descriptors where the driver can
        bool wait_for_device = false;
    };
    CaptureSource(GstElement *element, Options options);
    Result<> start() override;
    void stop() override;
    Ref<GstCaps> caps() const override;
    Ref<GstCaps> choose(Ref<GstCaps> offered) const override;
    Result<Ref<GstCaps>> configure(const Ref<GstCaps> &fixed) override;
    void set_video_meta(bool understood) override { wrapper_.set_video_meta(understood); }
    Taken take() override;
    Signal signal() const override;
    Figures figures() const override { return figures_; }
    GstClockTime latency() const override;
    void unlock(bool flushing) override;
    void resume() override { resume_ = true; }

private:
    using Instant = std::chrono::steady_clock::time_point;

    bool look();
    void end_stream();
    void lose(const Error &error);
    Result<> start_stream();
    std::optional<Taken> reopen();
    std::optional<Taken> watch();
    std::optional<Taken> stream();
    bool input_slipped();
    bool still(const Signal &seen) const;
    std::optional<Taken> endure();
    std::chrono::milliseconds mute_after() const;
    std::optional<Taken> restart();
    std::optional<Taken> recover(const Error &error);
    Result<std::optional<Taken>> take_newest();
    std::optional<Taken> hand_on(Queue::Frame frame);
    std::optional<Taken> notice_if_due();
    std::chrono::milliseconds until(Instant then) const;

    static constexpr std::chrono::milliseconds kNoticeEvery{kNoticeInterval / GST_MSECOND};

    GstElement *element_; // borrowed: the element owns us
    const Options options_;
    const Fd interrupt_; // an eventfd, readable while flushing

    std::optional<Capture> capture_; // nothing while the device is away
    std::shared_ptr<Queue> queue_;   // nothing while no frames are to be expected
    Wrapper wrapper_;
    Signal signal_;
    Refusals refusals_;
    std::string told_;   // why it did not start, as it was logged last
    Mode mode_;          // the last one seen, or the wanted one
    Ref<GstCaps> fixed_; // what was negotiated last,
    Ref<GstCaps> ready_; // and the same with what the device added
    bool stalled_ = false;
    bool pictures_ = false;              // the stream has given some
    std::chrono::milliseconds patience_; // with a mute stream, before it is begun anew
    bool deaf_ = false;                  // the idle device's poll only fails
    bool doubted_ = false; // the last look at the running stream's input saw something else
    Instant retry_{};      // when to open or look anew,
    Instant again_{};      // and not to start before: the device refused
    Instant look_{};       // when to look at the running stream's input
    Instant alive_{};      // the last frame, or the start of the stream
    Instant noticed_{};    // when a drawn frame was last due
    State noticed_state_ = State::Ok;
    Instant resumed_{}; // when we last began to play
    unsigned dropped_before_ = 0, broken_ = 0;

    std::atomic<bool> resume_ = false;
    Figures figures_;
};

} // namespace panto::kvm
