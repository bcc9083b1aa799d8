// SPDX-License-Identifier: LGPL-2.1-or-later
/// Between V4L2's pixel formats and GStreamer's caps.
#pragma once

#include "lib/gst/ref.h"
#include "plugins/kvmsrc/capture.h"

#include <gst/video/video.h>

namespace panto::kvm
{

/// The formats we can hand on, best first; the place in this order is a format's rank.
std::optional<unsigned> rank_of(uint32_t fourcc);
/// The V4L2 format of fixed caps; 0 when it is none of ours.
uint32_t fourcc_of(const GstCaps *caps);

/// Caps for all offers we can hand on, best format first.
Ref<GstCaps> to_caps(std::vector<Offer> offers);
/// Caps for every format there is, in one mode: for a device not seen yet.
Ref<GstCaps> any_caps(const Mode &mode);
/// The size and rate of fixed caps.
Mode mode_of(const GstCaps *caps);

/// The caps with the colorimetry that the device reports, where GStreamer has a word for it.
Ref<GstCaps> with_colorimetry(const Ref<GstCaps> &fixed, const Layout &layout);
/// The video info of fixed raw caps, with the strides and offsets of the device's memory, and as
/// many rows as there are in one of its buffers.
GstVideoInfo info_of(const Ref<GstCaps> &fixed, const Layout &layout);

} // namespace panto::kvm
