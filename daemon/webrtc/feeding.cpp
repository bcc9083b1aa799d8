// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/webrtc/feeding.h"

#include <gst/app/gstappsrc.h>

namespace panto::webrtc
{

namespace
{

// Of the appsrc's 16: drop to the next key frame before it leaks. A peer's network never fills it,
// only a machine that is busy for a moment does, and what waited leaves at once then.
constexpr guint64 kFullQueue = 12;

bool is_key_frame(GstBuffer *buffer)
{
    return !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
}

} // namespace

Feeding::Feeding(Ref<GstElement> appsrc, Events events)
    : appsrc_{std::move(appsrc)}, events_{std::move(events)}
{
}

void Feeding::choose(unsigned stream)
{
    std::lock_guard lock{mutex_};
    next_ = stream;
    if (stream == 0)
        live_ = 0;
}

Feeding::Verdict Feeding::judge(unsigned stream, GstBuffer *buffer)
{
    const bool key = is_key_frame(buffer);
    if (stream == next_) {
        if (!key)
            return Verdict::Drop;
        // The streams' encoders are not equally quick: a peer must not be sent back in time.
        if (live_ != 0 && GST_BUFFER_PTS(buffer) <= last_)
            return Verdict::WantKey;
        return Verdict::Begin;
    }
    if (stream != live_)
        return Verdict::Drop;
    const bool full =
        gst_app_src_get_current_level_buffers(GST_APP_SRC(appsrc_.get())) >= kFullQueue;
    if (full && !waiting_ && !key) {
        ++counts_.queue_full;
        waiting_ = true;
        return Verdict::WantKey;
    }
    if (!waiting_ || key)
        return Verdict::Pass;
    ++counts_.awaiting_key_frame;
    return Verdict::Drop;
}

void Feeding::push(unsigned stream, GstSample *sample)
{
    GstBuffer *buffer = gst_sample_get_buffer(sample);
    Verdict verdict = Verdict::Drop;
    {
        std::lock_guard lock{mutex_};
        verdict = judge(stream, buffer);
        if (verdict == Verdict::Begin) {
            live_ = stream;
            next_ = 0;
        }
        if (verdict == Verdict::Pass || verdict == Verdict::Begin) {
            waiting_ = false;
            last_ = GST_BUFFER_PTS(buffer);
            if (is_key_frame(buffer))
                last_key_frame_ = steady_now();
            ++counts_.frames;
            counts_.bytes += gst_buffer_get_size(buffer);
            gst_app_src_push_sample(GST_APP_SRC(appsrc_.get()), sample); // leaky: never blocks
        }
    }
    if (verdict == Verdict::WantKey)
        events_.want_key_frame(stream);
    else if (verdict == Verdict::Begin)
        events_.began(stream);
}

Feeding::Counts Feeding::counts()
{
    std::lock_guard lock{mutex_};
    return counts_;
}

std::optional<Time> Feeding::last_key_frame()
{
    std::lock_guard lock{mutex_};
    return last_key_frame_;
}

} // namespace panto::webrtc
