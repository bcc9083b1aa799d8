// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/clock.h"
#include "lib/gst/ref.h"

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>

namespace panto::webrtc
{

/// Feeding: the gate between encoders and one peer: shut at first, then open for one stream at a
/// time, and for each from one of its key frames on.
///
/// Drops    while the peer's queue is full, all up to the stream's next key frame
/// Threads  push() on a stream's thread, the rest on any
class Feeding
{
public:
    struct Counts {
        uint64_t frames = 0;
        uint64_t bytes = 0;
        uint64_t queue_full = 0;         ///< pictures dropped as the queue was full
        uint64_t awaiting_key_frame = 0; ///< and those after one of these that need it
    };

    /// Both run on a stream's thread: the stream with that number is to give a key frame, or has
    /// given one and is what the peer gets now.
    struct Events {
        std::function<void(unsigned stream)> want_key_frame, began;
    };

    Feeding(Ref<GstElement> appsrc, Events events);

    /// The peer is to get this stream; the one before goes on until it gives a key frame. 0 is
    /// none.
    void choose(unsigned stream);
    void push(unsigned stream, GstSample *sample);
    Counts counts();
    /// When the peer was given its last key frame.
    std::optional<Time> last_key_frame();

private:
    enum class Verdict { Pass, Drop, WantKey, Begin };
    Verdict judge(unsigned stream, GstBuffer *buffer);

    Ref<GstElement> appsrc_;
    Events events_;
    std::mutex mutex_; ///< two streams' threads meet here while one takes the place of the other
    unsigned live_ = 0, next_ = 0;
    GstClockTime last_ = 0; ///< PTS that the peer got last
    bool waiting_ = false;  ///< for a key frame of the live one
    std::optional<Time> last_key_frame_;
    Counts counts_;
};

} // namespace panto::webrtc
