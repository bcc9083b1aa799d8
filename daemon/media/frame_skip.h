// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <atomic>
#include <cstdint>
#include <gst/gst.h>

namespace panto::media
{

/// FrameSkip: says which pictures an encoder can do without: those that come too soon, and those of
/// a screen that stands still once it is sharp.
///
/// An encoder with a bit rate spends what a still picture leaves of it on making that picture
/// better, until hardly a byte comes out. So a still picture is given again until that is so, and
/// then every 0.6 s: whoever lost the last packet learns of it by the next one.
///
/// Threads  takes() on a capture's thread, made() on the encoder's, the rest on any. Where a
///          capture changes from one thread to another, a picture too many may be taken, and none
///          too few.
class FrameSkip
{
public:
    /// Whether to encode the picture of that time, in ns; still: it shows what the last one did.
    bool takes(bool still, GstClockTime captured);
    /// What came out for a picture.
    void made(size_t bytes);
    /// Takes the next picture whatever it shows, and then as many as make it sharp.
    void wake() { woken_ = true; }
    /// Takes no more pictures than that; 0: all.
    void limit_rate(unsigned fps) { interval_ = fps > 0 ? GST_SECOND / fps : 0; }
    unsigned fps() const { return interval_ > 0 ? unsigned(GST_SECOND / interval_) : 0; }
    /// The bit rate that the encoder has, in kbit/s; 0: none, and still pictures are as any other.
    void bit_rate(unsigned kbps) { kbps_ = kbps; }

private:
    bool sharp() const;

    std::atomic<GstClockTime> interval_ = 0;
    std::atomic<unsigned> kbps_ = 0;
    std::atomic<bool> woken_ = false;
    std::atomic<bool> missed_ = false; ///< what came too soon showed something new
    std::atomic<GstClockTime> last_ = GST_CLOCK_TIME_NONE;
    std::atomic<unsigned> left_ = 0;  ///< how often a still picture may be given again
    std::atomic<unsigned> small_ = 0; ///< pictures in a row of hardly a byte
    std::atomic<unsigned> calm_ = 0;  ///< pictures since one that took much
};

} // namespace panto::media
