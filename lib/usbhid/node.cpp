// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/usbhid/node.h"

#include "lib/base/file.h"

namespace panto::hid
{

Result<std::string> node_of_function(const std::string &function, const std::string &root)
{
    const auto dev = read_file(root + function + "/dev");
    if (!dev)
        return Error{Kind::NotFound, "there is no HID function " + function};
    const std::string number = dev->substr(0, dev->find('\n'));
    const auto about = read_file(root + "/sys/dev/char/" + number + "/uevent");
    constexpr std::string_view kName = "DEVNAME=";
    const size_t name = about ? about->find(kName) : std::string::npos;
    if (name == std::string::npos)
        return Error{Kind::NotFound, function + " has no node: its gadget is at no port"};
    const size_t begin = name + kName.size();
    return "/dev/" + about->substr(begin, about->find('\n', begin) - begin);
}

} // namespace panto::hid
