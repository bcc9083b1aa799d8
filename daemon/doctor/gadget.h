// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/config/schema.h"
#include "daemon/doctor/finding.h"

#include <string>

namespace panto::doctor
{

/// Looks at the USB device port: links "udc", "configfs", "hid". `root` stands before /sys and
/// /dev, for tests.
///
/// Proven on  dummy_hcd, in the lab
/// Threads    any; blocks on the disk
Findings examine_gadget(const config::Hid &hid, const std::string &root = "");

} // namespace panto::doctor
