// SPDX-License-Identifier: LGPL-2.1-or-later
/// Source: where kvmsrc's pictures come from; a virtual computer or a capture device.
#pragma once

#include "lib/base/result.h"
#include "lib/gst/ref.h"
#include "plugins/kvmsrc/signal.h"

#include <chrono>

namespace panto::kvm
{

/// What came of waiting for a picture.
struct Taken {
    enum class What {
        Picture,   ///< buffer holds it, with its PTS
        NewCaps,   ///< caps() changed, or configure() is due: negotiate, then take again
        NoPicture, ///< time to show a drawn frame instead; signal() says why
        Flushing,  ///< unlock() broke the wait
    };
    What what;
    Ref<GstBuffer> buffer = {};
    GstClockTime age = 0; ///< since the picture was captured, on return from take()
};

/// A drawn frame follows the last one after this time, so that late joiners soon see one.
inline constexpr GstClockTime kNoticeInterval = 250 * GST_MSECOND;

/// What happened so far, for the stats property.
struct Figures {
    uint64_t frames = 0;   ///< pictures handed on
    uint64_t dropped = 0;  ///< pictures lost: too late for downstream, or broken
    uint64_t copied = 0;   ///< pictures copied because downstream held too many
    uint64_t restarts = 0; ///< times the stream began anew
};

/// Threads  start(), stop() while no other call runs; unlock() and resume() from any thread; all
///          else on the streaming thread
class Source
{
public:
    virtual ~Source() = default;
    virtual Result<> start() = 0;
    virtual void stop() = 0;
    /// What it can deliver now, best first.
    virtual Ref<GstCaps> caps() const = 0;
    /// The one of the caps that suits best, fixed; they are a subset of caps() and not empty.
    virtual Ref<GstCaps> choose(Ref<GstCaps> possible) const
    {
        return Ref<GstCaps>::adopt(gst_caps_fixate(possible.give()));
    }
    /// Prepares to deliver `fixed`; gives back the same caps with what only the device knows.
    virtual Result<Ref<GstCaps>> configure(const Ref<GstCaps> &fixed) = 0;
    /// Says whether downstream understands GstVideoMeta, after each configure().
    virtual void set_video_meta(bool understood) = 0;
    /// Waits for the next picture, at most kNoticeInterval or one tick of the picture's own rate.
    virtual Taken take() = 0;
    virtual Signal signal() const = 0;
    virtual Figures figures() const = 0;
    /// The longest a picture may already have waited when it is handed out.
    virtual GstClockTime latency() const = 0;
    virtual void unlock(bool flushing) = 0;
    /// The pipeline plays again after a pause: what came meanwhile is old.
    virtual void resume() {}
};

/// The pipeline's clock, or the system's when the element stands alone.
inline Ref<GstClock> clock_of(GstElement *element)
{
    GstClock *clock = gst_element_get_clock(element);
    return Ref<GstClock>::adopt(clock ? clock : gst_system_clock_obtain());
}

/// The running time of an element now.
inline GstClockTime running_time(GstElement *element)
{
    const GstClockTime now = gst_clock_get_time(clock_of(element).get());
    const GstClockTime base = gst_element_get_base_time(element);
    return now > base ? now - base : 0;
}

} // namespace panto::kvm
