// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/doctor/gadget.h"

#include "lib/base/file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>
#include <sys/stat.h>
#include <unistd.h>

namespace panto::doctor
{

namespace
{

namespace fs = std::filesystem;

std::string line_of(const fs::path &path)
{
    auto text = read_file(path);
    return text ? text->substr(0, text->find('\n')) : "";
}

std::set<std::string> names_in(const fs::path &folder)
{
    std::set<std::string> out;
    std::error_code ignored;
    for (const auto &entry : fs::directory_iterator{folder, ignored})
        out.insert(entry.path().filename());
    return out;
}

/// Which gadget uses the controller; "" when none does.
std::string gadget_on(const fs::path &gadgets, const std::string &udc)
{
    for (const auto &name : names_in(gadgets))
        if (line_of(gadgets / name / "UDC") == udc)
            return name;
    return "";
}

Finding examine_udc(const fs::path &root)
{
    const auto controllers = names_in(root / "sys/class/udc");
    if (controllers.empty())
        return broken(
            "udc", "this machine has no USB device controller",
            "load its driver (dwc2, dwc3, ...) and set the port to peripheral mode in the "
            "device tree (dr_mode)");
    const std::string &name = *controllers.begin();
    const std::string state = line_of(root / "sys/class/udc" / name / "state");
    const std::string what = name + " is " + (state.empty() ? "there" : state);
    const std::string gadget = gadget_on(root / "sys/kernel/config/usb_gadget", name);
    if (gadget.empty())
        return broken("udc", what + ", and no gadget is bound to it",
                      "restart pantographd: it makes its gadget when it starts");
    if (state == "configured")
        return good("udc", what + " with the gadget " + gadget);
    if (state == "suspended")
        return warning("udc", what + ": the target sleeps", "wake it with its power button");
    return warning("udc", what + ": the target has not taken the gadget",
                   "check the USB cable, and that the target is on");
}

Finding examine_configfs(const fs::path &root)
{
    const fs::path gadgets = root / "sys/kernel/config/usb_gadget";
    std::error_code ignored;
    if (!fs::exists(root / "sys/kernel/config", ignored) ||
        names_in(root / "sys/kernel/config").empty())
        return broken("configfs", "not mounted at /sys/kernel/config",
                      "modprobe libcomposite; mount -t configfs none /sys/kernel/config");
    if (!fs::exists(gadgets, ignored))
        return broken("configfs", "the kernel has no gadget support loaded",
                      "modprobe libcomposite");
    if (::access(gadgets.c_str(), W_OK) != 0)
        return broken("configfs", "gadgets cannot be made: " + std::string{std::strerror(errno)},
                      "run pantographd as root, or give it CAP_DAC_OVERRIDE");
    return good("configfs", std::to_string(names_in(gadgets).size()) + " gadgets");
}

Finding examine_nodes(const config::Hid &hid, const fs::path &root)
{
    const struct {
        const char *what;
        const std::string &node;
    } all[] = {{"keyboard", hid.keyboard}, {"relative", hid.relative}, {"absolute", hid.absolute}};
    std::string there;
    for (const auto &[what, node] : all) {
        if (node == "virtual")
            continue;
        const fs::path path = root.empty() ? fs::path{node} : root / node.substr(1);
        struct stat st;
        const std::string name = "hid." + std::string{what} + ", " + node + ": ";
        if (::stat(path.c_str(), &st) != 0)
            return broken("hid", name + std::strerror(errno),
                          "no gadget with that function is bound; see udc and configfs");
        if (!S_ISCHR(st.st_mode))
            return broken("hid", name + "it is no device node",
                          "remove it: something wrote a file in the node's place");
        if (::access(path.c_str(), R_OK | W_OK) != 0)
            return broken("hid", name + std::strerror(errno),
                          "let the user that pantographd runs as write to it (a udev rule)");
        there += (there.empty() ? "" : ", ") + node;
    }
    return good("hid", there);
}

} // namespace

Findings examine_gadget(const config::Hid &hid, const std::string &root)
{
    if (hid.keyboard == "virtual" && hid.relative == "virtual" && hid.absolute == "virtual")
        return {absent("udc", "not needed: input goes to the virtual computer"),
                absent("configfs", "not needed"), good("hid", "the virtual computer")};
    const fs::path base = root.empty() ? "/" : root;
    return {examine_udc(base), examine_configfs(base), examine_nodes(hid, root)};
}

} // namespace panto::doctor
