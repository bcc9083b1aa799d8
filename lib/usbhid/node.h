// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/result.h"

#include <string>

namespace panto::hid
{

/// The node of a gadget's HID function, "/dev/hidg1": the kernel numbers those of all gadgets in
/// one row. NotFound when there is no such function, or its gadget is at no port.
///
/// Units    function is its folder in configfs; all paths are looked up below root
/// Source   drivers/usb/gadget/function/f_hid.c: `dev` holds the node's major and minor number
Result<std::string> node_of_function(const std::string &function, const std::string &root = "");

} // namespace panto::hid
