// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/gst/ref.h"

#include <chrono>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

namespace panto::recording
{

/// Whether a decoder can begin with this access unit.
bool is_key_frame(GstSample *unit);
/// The time of capture, on CLOCK_MONOTONIC.
std::chrono::nanoseconds time_of(GstSample *unit);
/// Width and height of an access unit's picture; 0x0 when its caps do not say.
std::pair<int, int> picture_size(GstSample *unit);

/// Window: the last seconds of an encoded stream, in memory; begins at a key frame.
///
/// Drops    whole groups of pictures, the oldest first: those that end before the window begins,
///          and what does not fit into `most_bytes`; behind a gap all before the next key frame
/// Threads  any, one at a time
class Window
{
public:
    explicit Window(size_t most_bytes) : most_bytes_{most_bytes} {}

    /// How much is kept at least, if the bytes suffice; 0: nothing.
    void resize(std::chrono::nanoseconds length);
    std::chrono::nanoseconds length() const { return length_; }

    /// The next access unit; `lost` says that some before it are missing.
    void add(GstSample *unit, bool lost);
    void clear();

    using Run = std::vector<Ref<GstSample>>;
    /// From the oldest key frame on, in runs of one picture size: each begins at a key frame.
    std::vector<Run> runs() const;
    std::chrono::nanoseconds kept() const;
    size_t bytes() const { return bytes_; }

private:
    void trim();
    void drop_oldest_group();
    size_t next_group() const;

    size_t most_bytes_;
    std::chrono::nanoseconds length_{0};
    std::deque<Ref<GstSample>> units_;
    size_t bytes_ = 0;
    bool waits_ = true; ///< for a key frame
};

} // namespace panto::recording
