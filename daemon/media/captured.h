// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/clock.h"

#include <gst/gst.h>
#include <optional>

namespace panto::media
{

/// When a picture was captured: its PTS is that time on CLOCK_MONOTONIC.
inline std::optional<Time> captured_at(const GstBuffer *picture)
{
    if (!picture || !GST_BUFFER_PTS_IS_VALID(picture))
        return {};
    return Time{std::chrono::nanoseconds{GST_BUFFER_PTS(picture)}};
}
inline std::optional<Time> captured_at(GstSample *picture)
{
    return captured_at(gst_sample_get_buffer(picture));
}

} // namespace panto::media
