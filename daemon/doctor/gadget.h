// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/config/schema.h"
#include "daemon/doctor/finding.h"
#include "daemon/usb/shape.h"
#include "daemon/usb/tree.h"

#include <string>

namespace panto::doctor
{

/// Looks at the USB device port: links "udc", "configfs", "hid". With usb.gadget on it judges as
/// daemon/usb does, and has the gadget driver loaded as that would; else another program has to
/// make the gadget. `shape` is that of ours; `root` stands before /dev, for tests.
///
/// Proven on  dummy_hcd, in the lab
/// Threads    any; blocks on the disk
Findings examine_gadget(const config::Usb &usb, const usb::Shape &shape, const config::Hid &hid,
                        usb::Tree &tree, const std::string &root = "");

} // namespace panto::doctor
