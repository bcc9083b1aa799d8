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

/// Builder: makes configfs hold what a plan says, all of it or nothing new.
///
/// Functions that two plans share stay as they are made: their nodes keep their numbers, their
/// drives keep their images. The kernel takes changes of an unbound gadget only, so the computer
/// sees each as the cable pulled and put in again. What the kernel is still busy with is tried
/// again for a second.
///
/// Errors   of the Tree, with what was being done; the gadget is then the former one
/// Threads  one at a time, any
class Builder
{
public:
    explicit Builder(Tree &tree) : tree_{tree} {}

    /// Takes apart a gadget that an earlier process left; false when there was none.
    Result<bool> clear();
    /// Changes the gadget to this plan and connects it to that port.
    Result<> change(const Plan &to, const std::string &port);
    /// Disconnects and connects again.
    Result<> rebind();
    Result<> take_down();

    /// What is built and connected, if anything.
    const std::optional<Plan> &plan() const { return plan_; }
    const std::string &port() const { return port_; }
    bool bound() const;

private:
    template <class Step>
    Result<> insist(Step step);
    Result<> build(const Plan &plan);
    Result<> attempt(const Plan &plan, const std::string &port);
    Result<> bind(const std::string &port);
    Result<> unbind();
    Result<> unlink_all();
    Result<> remove_function(const std::string &name);
    Result<> make_function(const Function &function);
    Result<> make(const std::string &folder);
    Result<> write(const std::string &folder, const std::vector<Attribute> &attributes);

    Tree &tree_;
    std::optional<Plan> plan_;
    std::string port_;
};

/// The gadget that is connected to a port, "" for none.
std::string holder_of(const Tree &tree, const std::string &port);
/// The port to take: the one of that name, or with "auto" the first that is free. NotFound when
/// there is none, Conflict when it is taken: the message says by whom.
Result<std::string> find_port(const Tree &tree, const std::string &wanted);

} // namespace panto::usb
