// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/config/schema.h"
#include "daemon/doctor/finding.h"

namespace panto::doctor
{

/// The lines of the computer's front panel: link "gpio". Only looks; no line is requested.
///
/// Proven on  gpio-sim, in the lab
/// Threads    any; blocks on the driver
Finding examine_panel(const config::Power &power);

} // namespace panto::doctor
