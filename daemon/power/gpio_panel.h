// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/config/schema.h"
#include "daemon/power/power.h"

namespace panto::power
{

/// The panel on the GPIO lines of config.power, whose buttons `holder` holds (holder_program()).
///
/// A line that cannot be had is logged with its place in the file, and tried again: its chip may
/// come later. LEDs tell by interrupt that they change; those on a chip without one, such as a
/// PCA9554 with its INT pin not wired, are read four times a second, and the log says so.
Panel gpio_panel(const config::Config &config, const std::string &holder);

/// What the LEDs show, as each was read; nullptr: that one is not wired, and never lit. A power LED
/// that cannot be read is an Error; a disk's LED only where it is the only one.
Result<Leds> leds_of(const Result<bool> *power, const Result<bool> *disk);

} // namespace panto::power
