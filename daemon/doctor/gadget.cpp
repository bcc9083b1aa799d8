// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/doctor/gadget.h"

#include "daemon/usb/builder.h"
#include "daemon/usb/gadget.h"
#include "lib/usbhid/node.h"

#include <cerrno>
#include <cstring>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>

namespace panto::doctor
{

namespace
{

/// Where a gadget is connected, and which.
struct Bound {
    std::string port, gadget;
};

std::string word_at(const usb::Tree &tree, const std::string &path)
{
    const auto text = tree.read(path);
    return text ? *text : "";
}

/// The gadget that input is to go through: ours, or the first of another program.
Bound find_bound(const config::Usb &usb, const usb::Tree &tree)
{
    if (usb.gadget == "on") {
        const std::string name = usb::kGadgetFolder.substr(usb::kGadgetFolder.rfind('/') + 1);
        return {word_at(tree, usb::kGadgetFolder + "/UDC"), name};
    }
    for (const std::string &port : tree.list(usb::kPortsFolder))
        if (const std::string gadget = usb::holder_of(tree, port); !gadget.empty())
            return {port, gadget};
    return {};
}

constexpr char kCheckCable[] = "check the USB cable, and that the target is on";
constexpr char kWake[] = "press a key, which wakes a target that lets it; else its power button";

/// The nodes in that state, "/dev/hidg0, /dev/hidg1".
std::string in_state(const NodeStates &nodes, const std::string &state)
{
    std::string out;
    for (const auto &[node, now] : nodes)
        if (now == state)
            out += (out.empty() ? "" : ", ") + node;
    return out;
}

Finding of_host(const usb::Tree &tree, const Bound &bound, const NodeStates &nodes)
{
    const std::string state = usb::host_of(tree, bound.port);
    const std::string what = bound.port + " is " + (state.empty() ? "there" : state);
    const bool configured = state == "configured", reached = !in_state(nodes, "online").empty();
    if (state == "suspended" || (configured && !reached && !in_state(nodes, "asleep").empty()))
        return warning("udc", what + ": the target sleeps", kWake);
    if (configured && !reached && !in_state(nodes, "offline").empty())
        return warning("udc",
                       what + ", but the cable is out, or the target is off: it takes no input",
                       kCheckCable);
    if (configured)
        return good("udc", what + " with the gadget " + bound.gadget);
    return warning("udc", what + ": the target has not taken the gadget", kCheckCable);
}

/// What became of the input itself.
std::optional<Finding> of_input(const NodeStates &nodes)
{
    if (const auto gone = in_state(nodes, "gone"); !gone.empty())
        return broken("hid", gone + ": gone, the USB gadget is not connected",
                      "see udc and configfs");
    if (const auto offline = in_state(nodes, "offline"); !offline.empty())
        return warning("hid", offline + ": offline, the cable is out or the target is off",
                       kCheckCable);
    if (const auto asleep = in_state(nodes, "asleep"); !asleep.empty())
        return warning("hid", asleep + ": asleep, the target takes no input yet", kWake);
    return std::nullopt;
}

Finding examine_port(const config::Usb &usb, const usb::Tree &tree, const Bound &bound,
                     const NodeStates &nodes)
{
    const bool gone = !bound.port.empty() && !tree.exists(usb::kPortsFolder + "/" + bound.port);
    if (gone) // the kernel leaves its name where it was
        return broken("udc", "the USB device port " + bound.port + " went away",
                      cure_of(usb::State::NoUdc));
    if (!bound.port.empty())
        return of_host(tree, bound, nodes);
    const bool ours = usb.gadget == "on";
    const auto port = usb::find_port(tree, ours ? usb.udc : "auto");
    if (!port && port.error().kind == Kind::NotFound)
        return broken("udc", port.error().message, cure_of(usb::State::NoUdc));
    if (ours && tree.exists(usb::kGadgetFolder))
        return broken("udc", "the gadget was taken off its port", cure_of(usb::State::Unbound));
    if (!port)
        return broken("udc", port.error().message, cure_of(usb::State::UdcTaken));
    if (!ours)
        return broken("udc", *port + " is there, and no gadget is bound to it",
                      "set usb.gadget to on, or start the program that makes the gadget");
    return good("udc", *port + " is free: pantographd takes it when it starts");
}

/// The kernel's driver of a function that is still to be made.
std::string missing_driver(const usb::Plan &plan, const usb::Tree &tree)
{
    for (const usb::Function &f : plan.functions)
        if (const std::string module = "usb_f_" + f.name.substr(0, f.name.find('.'));
            !tree.has_module(module))
            return module;
    return "";
}

/// `plan` is what the gadget is to be; nothing when it is not ours.
Finding examine_configfs(const std::optional<usb::Plan> &plan, usb::Tree &tree, const Bound &bound)
{
    if (plan)
        tree.prepare();
    if (!tree.exists(usb::kGadgetsFolder))
        return broken("configfs", "there is no " + usb::kGadgetsFolder,
                      cure_of(usb::State::NoConfigfs));
    if (!tree.may_write(usb::kGadgetsFolder))
        return broken("configfs", "gadgets cannot be made: no permission",
                      cure_of(usb::State::NoPermission));
    if (plan && bound.port.empty())
        if (const std::string module = missing_driver(*plan, tree); !module.empty())
            return broken("configfs", "the kernel has no " + module,
                          cure_of(usb::State::NoFunction));
    const size_t gadgets = tree.list(usb::kGadgetsFolder).size();
    return good("configfs", std::to_string(gadgets) + (gadgets == 1 ? " gadget" : " gadgets"));
}

struct Node {
    std::string what, path, function;
};

std::vector<Node> nodes_of(const config::Hid &hid)
{
    return {{"keyboard", hid.keyboard, "hid.GS0"},
            {"relative", hid.relative, "hid.GS1"},
            {"absolute", hid.absolute, "hid.GS2"},
            {"consumer", hid.consumer, "hid.GS3"}};
}

/// Consumer keys that only one of the two settings knows of.
std::optional<Finding> examine_consumer(const config::Usb &usb, const config::Hid &hid)
{
    const bool sent = hid.consumer != "off", there = usb.consumer == "on";
    if (usb.gadget != "on" || sent == there)
        return std::nullopt;
    if (sent)
        return broken("hid", "hid.consumer is " + hid.consumer + ", and usb.consumer is off",
                      "set usb.consumer to on, or hid.consumer to off");
    return warning("hid", "usb.consumer is on, and hid.consumer is off: no key is sent",
                   "set hid.consumer to the gadget's fourth node, /dev/hidg3");
}

/// Input of the target's that would end in the virtual computer.
std::optional<Finding> examine_virtual(const config::Usb &usb, const config::Hid &hid)
{
    for (const auto &[what, node, function] : nodes_of(hid))
        if (node == "virtual")
            return broken("hid",
                          "hid." + what + " is virtual: the target gets nothing of it" +
                              (usb.gadget == "on" ? ", though usb.gadget is on" : ""),
                          "set hid." + what + " to the gadget's node, such as /dev/hidg0");
    return std::nullopt;
}

Finding examine_nodes(const std::optional<usb::Plan> &plan, const config::Hid &hid,
                      const std::string &root)
{
    std::string there, left_out;
    for (auto [what, node, function] : nodes_of(hid)) {
        const auto own = hid::node_of_function(usb::kGadgetFolder + "/functions/" + function, root);
        if (plan && own && node.starts_with("/dev/hidg"))
            node = *own;
        if (node == "virtual" || node == "off")
            continue;
        if (plan && !plan->find(function)) {
            left_out += (left_out.empty() ? "; this profile has no " : ", ") + what;
            continue;
        }
        const std::string path = root + node;
        struct stat st;
        const std::string name = "hid." + what + ", " + node + ": ";
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
    return good("hid", there + left_out);
}

} // namespace

Findings examine_gadget(const config::Usb &usb, const usb::Shape &shape, const config::Hid &hid,
                        const NodeStates &states, usb::Tree &tree, const std::string &root)
{
    const bool ours = usb.gadget == "on";
    const bool typed = hid.keyboard != "virtual" || hid.relative != "virtual" ||
                       hid.absolute != "virtual" ||
                       (hid.consumer != "virtual" && hid.consumer != "off"); // into nodes
    if (!ours && !typed)
        return {absent("udc", "not needed: input goes to the virtual computer"),
                absent("configfs", "not needed"), good("hid", "the virtual computer")};
    const Bound bound = find_bound(usb, tree);
    std::optional<usb::Plan> plan;
    if (ours)
        plan = usb::plan(shape, {}, {usb.luns, usb.consumer == "on"});
    const Finding configfs = examine_configfs(plan, tree, bound);
    const Finding udc = examine_port(usb, tree, bound, states);
    if (auto unfit = examine_consumer(usb, hid))
        return {udc, configfs, std::move(*unfit)};
    const bool to_come = ours && bound.port.empty() && !tree.exists(usb::kGadgetFolder);
    const Finding nodes = to_come ? absent("hid", "the nodes come with pantographd's gadget")
                                  : examine_nodes(plan, hid, root);
    if (nodes.state != State::Broken)
        if (auto unfit = examine_virtual(usb, hid))
            return {udc, configfs, std::move(*unfit)};
    if (nodes.state == State::Ok)
        if (auto unheard = of_input(states))
            return {udc, configfs, std::move(*unheard)};
    return {udc, configfs, nodes};
}

} // namespace panto::doctor
