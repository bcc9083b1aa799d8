// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/media/pipeline.h"
#include "lib/glib/source.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace panto::recording
{

/// Film: one file that access units are written into as they are; they need not be encoded again.
///
/// Drops    when the disk is `most_waiting` bytes behind, all until the next key frame
/// Errors   on_ended hears once that the file is whole, or why it ends early: the disk failed, or
///          did not take what was left within 10 s
/// Threads  main loop; the disk is written on a streaming thread
class Film
{
public:
    /// `file` says how; `path` is written anew.
    static Result<std::unique_ptr<Film>> create(const config::PipelineFile &file,
                                                const std::string &path, uint64_t most_waiting);

    /// All must have the first one's size. False: it was left out, a key frame is needed.
    bool add(GstSample *unit);
    /// Whether a unit of this picture size can follow; any can be the first.
    bool fits(GstSample *unit) const;
    /// Some are missing: what comes before the next key frame is of no use.
    void skip() { waits_ = true; }
    /// No more will come: what is there is written out, then on_ended is called.
    void finish();

    std::chrono::nanoseconds length() const { return last_ - first_; }
    bool empty() const { return units_ == 0; }
    bool ended() const { return ended_; }
    /// A file that is smaller holds not even the first picture; 0 when none came.
    size_t least_bytes() const { return first_bytes_; }
    uint64_t dropped() const { return dropped_; }

    std::function<void(Result<>)> on_ended;

private:
    Film(std::unique_ptr<media::Pipeline> pipeline, uint64_t most_waiting);
    void end(Result<> how);

    std::unique_ptr<media::Pipeline> pipeline_;
    Ref<GstElement> in_;
    uint64_t most_waiting_;
    std::chrono::nanoseconds first_{0}, last_{0};
    uint64_t units_ = 0, dropped_ = 0;
    size_t first_bytes_ = 0; // of the first unit
    std::pair<int, int> size_{0, 0};
    bool waits_ = true;
    bool ended_ = false;
    Source patience_;
};

} // namespace panto::recording
