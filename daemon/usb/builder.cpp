// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/usb/builder.h"

#include <algorithm>
#include <cerrno>

namespace panto::usb
{

namespace
{

const std::string kRoot = kGadgetFolder;
const std::string kFunctions = kRoot + "/functions/";
const std::string kDrives = kFunctions + kStorageFunction + "/";
const std::string kConfiguration = kRoot + "/configs/c.1";
const std::string kStrings = kRoot + "/strings/0x409"; // US English
const std::string kPort = kRoot + "/UDC";
const std::string kWindowsLink = kRoot + "/os_desc/c.1";
constexpr int kTries = 20; // with the Tree's moments between

/// Source   HIDG_MINORS in drivers/usb/gadget/function/f_hid.c (6.1), which answers ENODEV then
Error no_node_left(const Tree &tree)
{
    std::string others;
    for (const std::string &gadget : tree.list(kGadgetsFolder))
        for (const std::string &name : tree.list(kGadgetsFolder + "/" + gadget + "/functions"))
            if (name.starts_with("hid.") && kGadgetsFolder + "/" + gadget != kRoot)
                others += (others.empty() ? "" : ", ") + gadget + "/" + name;
    return {Kind::Unavailable,
            "the kernel has 4 HID functions for all gadgets together; taken by others: " +
                (others.empty() ? "a driver that is not of configfs" : others),
            ENODEV};
}

} // namespace

#define PANTO_DO(expr)                                                                             \
    if (auto done = (expr); !done)                                                                 \
    return std::move(done.error())

std::string lun_folder(unsigned number)
{
    return kFunctions + kStorageFunction + "/lun." + std::to_string(number);
}

std::string hid_folder(unsigned number)
{
    return kFunctions + "hid.GS" + std::to_string(number);
}

bool Builder::bound() const
{
    const auto port = tree_.read(kPort);
    return port && !port->empty();
}

Result<> Builder::make(const std::string &folder)
{
    return tree_.exists(folder) ? ok : tree_.make_folder(folder);
}

Result<> Builder::write(const std::string &folder, const std::vector<Attribute> &attributes)
{
    for (const Attribute &a : attributes) {
        const std::string path = folder + "/" + a.path;
        if (a.optional && !tree_.exists(path))
            continue;
        PANTO_DO(tree_.write(path, a.value));
    }
    return ok;
}

/// Another program or the kernel itself may still have its hands on what it is to let go.
template <class Step>
Result<> Builder::insist(Step step)
{
    auto done = step();
    for (int n = 1; n < kTries && !done; ++n) {
        if (done.error().code != EBUSY && done.error().code != ENODEV)
            break;
        tree_.wait_a_moment();
        done = step();
    }
    return done;
}

Result<> Builder::unbind()
{
    return insist([this]() -> Result<> { return bound() ? tree_.write(kPort, "") : ok; });
}

Result<> Builder::bind(const std::string &port)
{
    PANTO_DO(insist([&] { return tree_.write(kPort, port); }));
    port_ = port;
    return ok;
}

Result<> Builder::unlink_all()
{
    if (tree_.exists(kWindowsLink))
        PANTO_DO(insist([&] { return tree_.unlink(kWindowsLink); }));
    for (const std::string &name : tree_.list(kFunctions))
        if (const std::string link = kConfiguration + "/" + name; tree_.exists(link))
            PANTO_DO(insist([&] { return tree_.unlink(link); }));
    return ok;
}

Result<> Builder::remove_function(const std::string &name)
{
    for (const std::string &inner : tree_.list(kFunctions + name))
        if (inner.starts_with("lun.") && inner != "lun.0") // the first goes with its function
            PANTO_DO(insist([&] { return tree_.remove_folder(kFunctions + name + "/" + inner); }));
    return insist([&] { return tree_.remove_folder(kFunctions + name); });
}

Result<> Builder::make_function(const Function &function)
{
    const std::string folder = kFunctions + function.name;
    if (auto made = make(folder); !made)
        return made.error().code == ENODEV && function.name.starts_with("hid.")
                   ? no_node_left(tree_)
                   : made;
    for (const std::string &inner : function.folders)
        PANTO_DO(make(folder + "/" + inner));
    return insist([&] { return write(folder, function.attributes); });
}

/// The gadget's folder, which no other process of ours may touch then.
Result<> Builder::make_root()
{
    if (!tree_.exists(kRoot)) {
        ours_.reset();
        PANTO_DO(tree_.make_folder(kRoot));
    }
    return hold_root();
}

Result<> Builder::hold_root()
{
    if (ours_)
        return ok;
    auto held = tree_.hold(kRoot);
    if (!held && held.error().kind == Kind::Busy)
        return Error{Kind::Conflict, "another pantographd runs and has the gadget"};
    if (!held)
        return std::move(held.error());
    ours_ = std::move(*held);
    return ok;
}

/// Makes what the plan has and configfs has not, beside the gadget that still serves: most of what
/// a kernel refuses, it refuses here, and nobody notices.
Result<> Builder::make_missing(const Plan &plan)
{
    PANTO_DO(make_root());
    for (const Function &f : plan.functions)
        if (!tree_.exists(kFunctions + f.name))
            PANTO_DO(make_function(f));
    return ok;
}

/// Removes what the plan has not; the drives only when they are told to go, since what lies in them
/// goes, too.
Result<> Builder::remove_others(const Plan &plan, bool drives)
{
    for (const std::string &name : tree_.list(kFunctions))
        if (!plan.find(name) && (drives || name != kStorageFunction))
            PANTO_DO(remove_function(name));
    return ok;
}

/// Everything but connecting it.
Result<> Builder::build(const Plan &plan)
{
    PANTO_DO(make_missing(plan));
    PANTO_DO(unbind());
    PANTO_DO(unlink_all());
    PANTO_DO(remove_others(plan, false));
    if (tree_.exists(kStrings)) // else a string that is no longer wanted would stay
        PANTO_DO(tree_.remove_folder(kStrings));
    PANTO_DO(tree_.make_folder(kStrings));
    PANTO_DO(write(kStrings, plan.strings));
    PANTO_DO(write(kRoot, plan.device));
    PANTO_DO(make(kConfiguration));
    PANTO_DO(write(kConfiguration, plan.configuration));
    for (const Function &f : plan.functions)
        PANTO_DO(make_function(f));
    for (const Function &f : plan.functions)
        PANTO_DO(tree_.link(kFunctions + f.name, kConfiguration + "/" + f.name));
    if (plan.os_descriptors)
        PANTO_DO(tree_.link(kConfiguration, kWindowsLink));
    return ok;
}

Result<> Builder::attempt(const Plan &plan, const std::string &port)
{
    PANTO_DO(build(plan));
    PANTO_DO(bind(port));
    return remove_others(plan, true);
}

/// The former gadget, with what lay in the drives that it lost; the others hold what somebody may
/// have put in meanwhile. Where its port is gone it waits for that.
Result<> Builder::go_back(const Plan &former, std::vector<Attribute> media)
{
    std::erase_if(media, [this](const Attribute &a) { return tree_.exists(kDrives + a.path); });
    PANTO_DO(build(former));
    put_back(media);
    PANTO_DO(remove_others(former, true));
    (void)bind(port_); // bound() tells
    return ok;
}

Result<> Builder::change(const Plan &to, const std::string &port)
{
    if (plan_)
        if (auto made = make_missing(to); !made) {
            if (ours_)
                (void)remove_others(*plan_, true);
            return made;
        }
    const auto media = in_drives();
    auto changed = attempt(to, port);
    if (changed) {
        plan_ = to;
        return ok;
    }
    Error why = std::move(changed.error());
    const auto back = plan_ ? go_back(*plan_, media) : take_down();
    if (!back) {
        why.message += "; and the former gadget is lost: " + back.error().message;
        (void)take_down(); // half a gadget would be worse than none; the next start clears it
    }
    return why;
}

std::vector<Attribute> Builder::in_drives() const
{
    std::vector<Attribute> media;
    for (const std::string &lun : tree_.list(kDrives)) {
        const auto file = tree_.read(kDrives + lun + "/file");
        if (!file || file->empty())
            continue;
        for (const char *name : {"cdrom", "ro", "file"}) // in the order that the kernel takes them
            if (const auto value = tree_.read(kDrives + lun + "/" + name))
                media.push_back({lun + "/" + name, *value});
    }
    return media;
}

/// An image that is gone meanwhile is no reason to be without a keyboard.
void Builder::put_back(const std::vector<Attribute> &media)
{
    for (const Attribute &a : media)
        if (const auto now = tree_.read(kDrives + a.path); now && *now != a.value)
            (void)tree_.write(kDrives + a.path, a.value);
}

Result<> Builder::rebind()
{
    if (!plan_)
        return Error{Kind::Unavailable, "there is no gadget"};
    PANTO_DO(unbind());
    return bind(port_);
}

Result<> Builder::take_down()
{
    plan_.reset();
    if (!tree_.exists(kRoot))
        return ok;
    PANTO_DO(hold_root());
    PANTO_DO(unbind());
    PANTO_DO(unlink_all());
    for (const std::string &name : tree_.list(kFunctions))
        PANTO_DO(remove_function(name));
    for (const std::string &folder : {kConfiguration, kStrings})
        if (tree_.exists(folder))
            PANTO_DO(tree_.remove_folder(folder));
    PANTO_DO(tree_.remove_folder(kRoot));
    ours_.reset();
    return ok;
}

Result<bool> Builder::clear()
{
    if (!tree_.exists(kRoot))
        return false;
    PANTO_DO(take_down());
    return true;
}

std::string holder_of(const Tree &tree, const std::string &port)
{
    for (const std::string &gadget : tree.list(kGadgetsFolder)) {
        const auto at = tree.read(kGadgetsFolder + "/" + gadget + "/UDC");
        if (at && *at == port)
            return gadget;
    }
    const auto driver = tree.read(kPortsFolder + "/" + port + "/function");
    return driver ? *driver : ""; // one that configfs knows nothing of, such as g_ether
}

std::string host_of(const Tree &tree, const std::string &port)
{
    const std::string folder = kPortsFolder + "/" + port;
    for (const std::string &name : tree.list(folder + "/device"))
        if (name.starts_with("gadget"))
            if (const auto asleep = tree.read(folder + "/device/" + name + "/suspended");
                asleep && *asleep == "1")
                return "suspended";
    const auto state = tree.read(folder + "/state");
    return state ? *state : "";
}

Result<std::string> find_port(const Tree &tree, const std::string &wanted)
{
    std::string there, taken;
    for (const std::string &port : tree.list(kPortsFolder)) {
        there += (there.empty() ? "" : ", ") + port;
        if (wanted != "auto" && port != wanted)
            continue;
        const std::string holder = holder_of(tree, port);
        if (holder.empty())
            return port;
        taken += (taken.empty() ? "" : "; ") + port + " is taken by the gadget " + holder;
    }
    if (there.empty())
        return Error{Kind::NotFound, "this machine has no USB device port (UDC)"};
    if (taken.empty())
        return Error{Kind::NotFound, "no USB device port " + wanted + "; there is: " + there};
    return Error{Kind::Conflict, taken};
}

#undef PANTO_DO

} // namespace panto::usb
