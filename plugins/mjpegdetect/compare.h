// SPDX-License-Identifier: LGPL-2.1-or-later
/// Compare: whether two video frames show the same picture.
///
/// Units    threshold 0 means the same bytes; otherwise the largest change of any one block, in
///          steps of 8-bit samples, that still counts as the same
/// Threads  one at a time
#pragma once

#include "lib/gst/ref.h"

#include <gst/video/video.h>
#include <memory>
#include <optional>
#include <vector>

namespace panto::detect
{

class Compare
{
public:
    /// Takes fixed caps of raw video or JPEG; false when they are neither.
    bool set_caps(const GstCaps *caps);
    /// Whether `b` shows what `a` shows. Frames that cannot be read differ.
    bool same(GstBuffer *a, GstBuffer *b, unsigned threshold);
    /// Lets go of what was kept of the frames so far.
    void forget();

private:
    struct Preview {
        std::vector<uint8_t> luma; ///< one byte per 8x8 pixels
        int width = 0;
        int height = 0;
    };

    bool same_raw(GstBuffer *a, GstBuffer *b, unsigned threshold) const;
    bool same_jpeg(GstBuffer *a, GstBuffer *b, unsigned threshold);
    std::optional<Preview> preview(GstBuffer *jpeg);

    std::optional<GstVideoInfo> raw_; // nothing for JPEG
    std::shared_ptr<void> decoder_;   // made when a threshold first needs it
    Ref<GstBuffer> kept_;             // the `a` of the last comparison of previews: the next one's,
    std::optional<Preview> kept_preview_; // too, unless its `b` was let through
};

} // namespace panto::detect
