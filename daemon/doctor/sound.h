// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/config/schema.h"
#include "daemon/doctor/finding.h"

namespace panto::doctor
{

/// Looks at the sound card that hears the computer: link "audio". It opens the card for a moment to
/// see whether it can be had.
///
/// Proven on  snd-aloop, in the lab
/// Threads    any; blocks on the driver
Finding examine_sound(const config::Config &config);

} // namespace panto::doctor
