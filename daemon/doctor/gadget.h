// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/config/schema.h"
#include "daemon/doctor/finding.h"
#include "daemon/usb/shape.h"
#include "daemon/usb/tree.h"

#include <map>
#include <string>

namespace panto::doctor
{

/// How the way through each HID node fares, by its path: online, asleep, offline or gone.
using NodeStates = std::map<std::string, std::string>;

/// Looks at the USB device port: links "udc", "configfs", "hid". With usb.gadget on it judges as
/// daemon/usb does, and has the gadget driver loaded as that would; else another program has to
/// make the gadget. `shape` is that of ours; `nodes` is what came of input that was sent, which
/// tells of a pulled cable where the port says nothing; `root` stands before /dev, for tests.
///
/// Proven on  dummy_hcd, in the lab
/// Threads    any; blocks on the disk
Findings examine_gadget(const config::Usb &usb, const usb::Shape &shape, const config::Hid &hid,
                        const NodeStates &nodes, usb::Tree &tree, const std::string &root = "");

} // namespace panto::doctor
