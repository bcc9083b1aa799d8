// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/config/schema.h"
#include "daemon/doctor/finding.h"
#include "daemon/media/capture.h"

#include <optional>
#include <string>

namespace panto::doctor
{

/// Looks at the capture node and what its input sees: links "capture", "signal", "timings", "edid".
/// Only asks; it takes nothing from a program that captures. `watched` is what the capture of this
/// process says, if it runs: that there is a signal, and no frame of it, only who captures can
/// tell.
///
/// Proven on  vivid, in the lab
/// Threads    any; blocks on the driver
Findings examine_capture(const std::string &device, const std::optional<media::Signal> &watched);

/// What the device says of its signal to who does not capture; one that tells nothing has one, of
/// no known size. It takes nothing from a program that captures, either.
///
/// Threads  any; blocks on the driver
media::Signal ask_signal(const config::Video &video);

} // namespace panto::doctor
