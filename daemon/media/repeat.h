// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/media/tap.h"

namespace panto::media
{

/// Repeat: spares a decoder the frames of a still screen. What it made last is given again for
/// them, with their times and marked as nothing new.
///
/// Threads  decoded() on the decoder's, the rest on the capture's
class Repeat
{
public:
    void decoded(GstSample *picture) { last_.set(picture); }
    /// What to hand on for the frame; null: the decoder is to have it.
    Ref<GstSample> in_place_of(GstSample *frame)
    {
        GstBuffer *in = gst_sample_get_buffer(frame);
        const auto last = last_.get();
        // While the decoder works, what comes next has to queue up behind it.
        const bool idle = last && GST_BUFFER_PTS(gst_sample_get_buffer(last.get())) == fed_;
        if (!idle || !GST_BUFFER_FLAG_IS_SET(in, GST_BUFFER_FLAG_DROPPABLE)) {
            fed_ = GST_BUFFER_PTS(in);
            return {};
        }
        GstBuffer *out = gst_buffer_copy(gst_sample_get_buffer(last.get())); // copies no pixels
        GST_BUFFER_PTS(out) = GST_BUFFER_PTS(in);
        GST_BUFFER_FLAG_SET(out, GST_BUFFER_FLAG_DROPPABLE);
        auto sample = Ref<GstSample>::adopt(
            gst_sample_new(out, gst_sample_get_caps(last.get()), nullptr, nullptr));
        gst_buffer_unref(out);
        return sample;
    }
    /// A frame that nobody wants decoded may show something new.
    void forget() { fed_ = GST_CLOCK_TIME_NONE; }

private:
    Latest last_;
    GstClockTime fed_ = GST_CLOCK_TIME_NONE;
};

} // namespace panto::media
