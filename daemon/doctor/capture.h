// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/doctor/finding.h"

#include <string>

namespace panto::doctor
{

/// Looks at the capture node and what its input sees: links "capture", "signal", "timings", "edid".
/// Only asks; it takes nothing from a program that captures.
///
/// Proven on  vivid, in the lab
/// Threads    any; blocks on the driver
Findings examine_capture(const std::string &device);

} // namespace panto::doctor
