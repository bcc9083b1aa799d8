// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/config/schema.h"
#include "daemon/doctor/finding.h"
#include "daemon/power/connect.h"

#include <functional>

namespace panto::doctor
{

using Locate = std::function<Result<power::gpio::Spot>(const GpioLine &)>;

/// The lines of the computer's front panel: link "gpio". Only looks; no line is requested.
///
/// Proven on  gpio-sim, in the lab
/// Threads    any; blocks on the driver
Finding examine_panel(const config::Power &power, const Locate &locate = power::gpio::locate);

} // namespace panto::doctor
