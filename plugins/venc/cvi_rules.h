// SPDX-License-Identifier: LGPL-2.1-or-later
/// What follows from what Sophgo's encoder can read and write. Pure functions; they need no kit.
#pragma once

#include "plugins/venc/session.h"

namespace panto::cvi
{

/// Rows at multiples of 64 bytes, those of I420's chroma at 32; planes at multiples of 16 lines.
venc::Layout frame_layout(const venc::Video &video);

/// Writes the constraints that browsers know the profile by, 42e0, 4d40, 6400 or 640c, into each
/// sequence parameter set that says this profile.
void write_constraints(std::vector<uint8_t> &stream, venc::Profile profile);

} // namespace panto::cvi
