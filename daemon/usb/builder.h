// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/usb/plan.h"
#include "daemon/usb/tree.h"

#include <optional>
#include <string>

namespace panto::usb
{

inline const std::string kGadgetsFolder = "/sys/kernel/config/usb_gadget";
inline const std::string kPortsFolder = "/sys/class/udc";
inline const std::string kGadgetFolder = "/sys/kernel/config/usb_gadget/pantograph";

/// The folder of a drive of the mass storage.
std::string lun_folder(unsigned number);
/// The folder of a HID function: 0 keyboard, 1 relative, 2 absolute pointer, 3 consumer keys.
std::string hid_folder(unsigned number);

/// Builder: makes configfs hold what a plan says, all of it or nothing new.
///
/// Functions that two plans share stay as they are made: their nodes keep their numbers, their
/// drives keep their images. New functions are made first and the drives removed last, so that a
/// change that fails loses no image either. The kernel takes other changes of an unbound gadget
/// only, so the computer sees each as the cable pulled and put in again. What the kernel is still
/// busy with is tried again for a second. One process at a time has the gadget, while it lives.
///
/// Errors   of the Tree, with what was being done, and Conflict when another process has the
///          gadget; Unavailable with ENODEV when others' gadgets have the kernel's HID functions.
///          The gadget is then the former one, connected if its port is there
/// Threads  one at a time, any
class Builder
{
public:
    explicit Builder(Tree &tree) : tree_{tree} {}

    /// Takes apart a gadget that an earlier process left; false when there was none. Conflict
    /// when that process still runs.
    Result<bool> clear();
    /// Changes the gadget to this plan and connects it to that port.
    Result<> change(const Plan &to, const std::string &port);
    /// Disconnects and connects again.
    Result<> rebind();
    Result<> take_down();
    /// Off its port, with all that is in it.
    Result<> unbind();

    /// What is built, if anything; bound() says whether it is connected.
    const std::optional<Plan> &plan() const { return plan_; }
    const std::string &port() const { return port_; }
    bool bound() const;

private:
    template <class Step>
    Result<> insist(Step step);
    Result<> build(const Plan &plan);
    Result<> attempt(const Plan &plan, const std::string &port);
    Result<> go_back(const Plan &former, std::vector<Attribute> media);
    Result<> bind(const std::string &port);
    Result<> unlink_all();
    Result<> make_root();
    Result<> hold_root();
    Result<> make_missing(const Plan &plan);
    Result<> remove_others(const Plan &plan, bool drives);
    Result<> remove_function(const std::string &name);
    Result<> make_function(const Function &function);
    Result<> make(const std::string &folder);
    Result<> write(const std::string &folder, const std::vector<Attribute> &attributes);

    std::vector<Attribute> in_drives() const;
    void put_back(const std::vector<Attribute> &media);

    Tree &tree_;
    Tree::Held ours_; // the gadget's folder
    std::optional<Plan> plan_;
    std::string port_;
};

/// The gadget that is connected to a port, "" for none.
std::string holder_of(const Tree &tree, const std::string &port);
/// The port to take: the one of that name, or with "auto" the first that is free. NotFound when
/// there is none, Conflict when it is taken: the message says by whom.
Result<std::string> find_port(const Tree &tree, const std::string &wanted);
/// What a port says of the cable: configured, suspended, not attached ...; of a sleeping computer
/// only the gadget itself may know. "" when it says nothing.
std::string host_of(const Tree &tree, const std::string &port);

} // namespace panto::usb
