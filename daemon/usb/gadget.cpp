// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/usb/gadget.h"

#include "daemon/observe/log.h"
#include "daemon/usb/builder.h"
#include "lib/base/file.h"
#include "lib/glib/offload.h"

#include <cerrno>
#include <cstdlib>
#include <net/if.h>
#include <sstream>

namespace panto::usb
{

namespace
{

using namespace std::chrono_literals;

constexpr auto kLook = 2s;
constexpr auto kSlow = 2s;
constexpr auto kTryAgain = 5s;
constexpr auto kWakeAgain = 1s;

struct Words {
    const char *name, *cure;
};
constexpr Words kWords[] = {
    {"off", "set usb.gadget to on in the configuration"},
    {"starting", ""},
    {"on", ""},
    {"unbound", "reset the USB connection, or let the program that did it connect it again"},
    {"no-configfs", "load the kernel's gadget support: modprobe libcomposite"},
    {"no-udc", "load the driver of the USB device port, and see that the port is no host: with "
               "dwc2, dr_mode must be peripheral or otg"},
    {"udc-taken", "stop the program that made the other gadget, or name another port in usb.udc"},
    {"no-permission", "run pantographd as root, or let it write to /sys/kernel/config"},
    {"no-function", "install the kernel's gadget functions: modprobe usb_f_hid "
                    "usb_f_mass_storage usb_f_ncm usb_f_rndis"},
    {"hid-taken", "remove the HID functions of other gadgets, or stop the program that made them"},
    {"in-use", "stop the other pantographd: it has the one gadget that a machine can have of ours"},
    {"failed", "see the kernel's log: dmesg"},
};

constexpr char kInterfaces[] = "/sys/class/net/";

/// What the kernel calls our end of the network. Before there is one it has other words there.
/// Source   Linux drivers/usb/gadget/function/u_ether_configfs.h, ifname
std::string interface_of(const Tree &tree, const Shape &shape)
{
    if (!shape.has_network())
        return "";
    const auto name =
        tree.read(kGadgetFolder + "/functions/" + name_of(shape.network) + ".usb0/ifname");
    return name && !name->empty() && tree.exists(kInterfaces + *name) ? *name : "";
}

/// Source   Linux Documentation/ABI/testing/sysfs-class-net, flags
bool is_up(const Tree &tree, const std::string &interface)
{
    const auto flags = tree.read(kInterfaces + interface + "/flags"); // "0x1003"
    return flags && (std::strtoul(flags->c_str(), nullptr, 16) & IFF_UP);
}

State state_for(const Error &error, bool making_function)
{
    return error.kind == Kind::Denied                                ? State::NoPermission
           : error.kind == Kind::Conflict                            ? State::InUse
           : error.kind == Kind::Unavailable && error.code == ENODEV ? State::HidTaken
           : error.kind == Kind::NotFound && making_function         ? State::NoFunction
                                                                     : State::Failed;
}

} // namespace

const char *name_of(State state)
{
    return kWords[size_t(state)].name;
}

const char *cure_of(State state)
{
    return kWords[size_t(state)].cure;
}

Shape wanted_shape(const config::Usb &settings, const std::string &choice_path)
{
    Shape shape{find_profile(settings.profile).value_or(Profile::Normal),
                find_network(settings.network).value_or(Network::Off)};
    auto kept = read_file(choice_path);
    if (!kept)
        return shape;
    std::string profile, network;
    std::istringstream{*kept} >> profile >> network;
    const auto p = find_profile(profile);
    const auto n = find_network(network);
    if (p && n)
        return {*p, *n};
    log_warning("usb", "the kept choice is not understood, so it is ignored",
                {{"file", choice_path}});
    return shape;
}

/// All that touches the kernel's files; its methods run on worker threads, one after another.
struct Gadget::Worker {
    Worker(const config::Usb &settings, Identity of_device, std::string choice,
           std::shared_ptr<Tree> files)
        : tree{std::move(files)}, wanted_port{settings.udc}, choice_path{std::move(choice)},
          identity{std::move(of_device)}, extent{settings.luns, settings.consumer == "on"}
    {
        status.shape = wanted_shape(settings, choice_path);
    }

    const std::shared_ptr<Tree> tree;
    Builder builder{*tree};
    const std::string wanted_port, choice_path;
    const Identity identity;
    const Extent extent;
    Status status;

    Result<> fault(State state, Error error)
    {
        status.state = state;
        status.reason = error.message;
        status.udc = status.host = status.interface = "";
        status.interface_up = false;
        return error;
    }

    Result<> start()
    {
        tree->prepare();
        if (!tree->exists(kGadgetsFolder))
            return fault(State::NoConfigfs, {Kind::Unavailable, "there is no " + kGadgetsFolder});
        auto cleared = builder.plan() ? Result<bool>{false} : builder.clear();
        if (!cleared)
            return fault(state_for(cleared.error(), false), std::move(cleared.error()));
        if (*cleared)
            log_message("usb", "removed the gadget that an earlier process left");
        auto port = find_port(*tree, wanted_port);
        if (!port)
            return fault(port.error().kind == Kind::Conflict ? State::UdcTaken : State::NoUdc,
                         std::move(port.error()));
        auto made = builder.change(plan(status.shape, identity, extent), *port);
        if (!made) {
            const bool function = made.error().message.find("/functions/") != std::string::npos;
            return fault(state_for(made.error(), function), std::move(made.error()));
        }
        return describe();
    }

    Result<> set(const Shape &shape)
    {
        const Shape former = std::exchange(status.shape, shape);
        if (!there()) {
            if (auto started = start(); !started) {
                status.shape = former;
                return started;
            }
        } else if (auto changed =
                       builder.change(plan(shape, identity, extent), std::string{builder.port()});
                   !changed) {
            status.shape = former;
            if (!builder.bound())
                return fault(State::Failed, std::move(changed.error()));
            (void)describe();
            return changed;
        }
        const std::string choice =
            std::string{name_of(shape.profile)} + " " + name_of(shape.network) + "\n";
        if (auto kept = replace_file(choice_path, choice, 0600); !kept)
            log_warning("usb", "the choice is forgotten at the next start",
                        {{"why", kept.error().message}});
        return describe();
    }

    Result<> rebind()
    {
        if (!there())
            return start();
        auto bound = builder.rebind();
        if (bound)
            return describe();
        (void)start(); // which names who has the port, and is tried again until it is free
        return bound;
    }

    Result<> look() { return there() ? describe() : start(); }
    bool there() const
    {
        return builder.plan() && (status.state == State::On || status.state == State::Unbound);
    }

    Result<> wake()
    {
        PANTO_TRY(asked, tree->write(kPortsFolder + "/" + builder.port() + "/srp", "1"));
        (void)asked;
        return describe();
    }

    /// Whether it is still as we left it, and how the computer takes it.
    Result<> describe()
    {
        const std::string port = kPortsFolder + "/" + builder.port();
        if (!tree->exists(port)) {
            (void)builder.unbind(); // the kernel does not do it by itself
            return fault(State::NoUdc,
                         {Kind::NotFound, "the USB device port " + builder.port() + " went away"});
        }
        const bool bound = builder.bound();
        status.state = bound ? State::On : State::Unbound;
        status.reason = bound ? "" : "the gadget was taken off " + builder.port();
        status.udc = builder.port();
        status.host = bound ? host_of(*tree, builder.port()) : "";
        status.interface = interface_of(*tree, status.shape);
        status.interface_up = !status.interface.empty() && is_up(*tree, status.interface);
        return ok;
    }
};

Gadget::Gadget(const config::Usb &settings, Identity identity, std::string choice_path,
               std::shared_ptr<Tree> tree)
    : enabled_{settings.gadget == "on"}, luns_{settings.luns}, worker_{std::make_shared<Worker>(
                                                                   settings, std::move(identity),
                                                                   std::move(choice_path),
                                                                   std::move(tree))},
      status_{worker_->status}
{
    status_.reason = enabled_ ? "" : "usb.gadget is off in the configuration";
}

Gadget::~Gadget()
{
    if (!enabled_)
        return;
    if (next_ && next_->done)
        next_->done(Error{Kind::Unavailable, "the daemon ends"});
    offload(Lane::Devices, [worker = worker_, before = last_job_] {
        if (before.valid())
            before.wait();
        if (auto gone = worker->builder.take_down(); !gone && gone.error().kind != Kind::Conflict)
            log_warning("usb", "the gadget is left behind", {{"why", gone.error().message}});
    });
}

void Gadget::start()
{
    if (!enabled_)
        return;
    status_.state = State::Starting;
    change([](Worker &w) { return w.start(); }, nullptr);
}

void Gadget::set_shape(const Shape &shape, Done<> done)
{
    if (enabled_ && shape.network != Network::Off && !shape.may_have_network())
        return done(Error{Kind::Invalid, std::string{"the profile "} + name_of(shape.profile) +
                                             " has no network"});
    if (!changing_ && shape == status_.shape && status_.state == State::On)
        return done(ok);
    change([shape](Worker &w) { return w.set(shape); }, std::move(done));
}

void Gadget::rebind(Done<> done)
{
    change([](Worker &w) { return w.rebind(); }, std::move(done));
}

void Gadget::wake()
{
    const Time now = steady_now();
    if (busy_ || status_.state != State::On || now - woken_ < kWakeAgain)
        return;
    woken_ = now;
    look([](Worker &w) { return w.wake(); });
}

void Gadget::change(Work work, Done<> done)
{
    if (enabled_ && !changing_) {
        changing_ = true;
        if (!busy_)
            return run(std::move(work), std::move(done));
        next_ = {std::move(work), std::move(done)}; // after the look that is under way
        return;
    }
    if (done)
        done(enabled_ ? Error{Kind::Busy, "the USB gadget is being changed"}
                      : Error{Kind::Unavailable, "the USB gadget is off: " + status_.reason});
}

void Gadget::look(Work work)
{
    if (enabled_ && !busy_)
        run(std::move(work), nullptr);
}

void Gadget::run(Work work, Done<> done)
{
    busy_ = true;
    look_ = {};
    if (changing_)
        slow_ = every(kSlow, [this] {
            if (on_slow)
                on_slow();
        });
    auto ended = std::make_shared<std::promise<void>>();
    last_job_ = ended->get_future().share();
    offload(Lane::Devices, [work = std::move(work), done = std::move(done), worker = worker_, ended,
                            weak = self_.weak()] {
        auto result = work(*worker);
        worker->status.built = worker->builder.plan().has_value();
        const Status status = worker->status;
        ended->set_value();
        post([weak, status, result = std::move(result), done] {
            if (auto *self = alive(weak))
                self->finished(status, result, done);
            else if (done)
                done(Error{Kind::Unavailable, "the daemon ends"});
        });
    });
}

void Gadget::finished(const Status &status, Result<> result, const Done<> &done)
{
    busy_ = false;
    slow_ = {};
    changing_ = next_.has_value();
    const bool changed = status_ != status;
    if (status_.state != status.state)
        log_message("usb", "gadget",
                    {{"state", name_of(status.state)},
                     {"reason", status.reason},
                     {"port", status.udc},
                     {"profile", name_of(status.shape.profile)}});
    status_ = status;
    const bool there = status_.state == State::On || status_.state == State::Unbound;
    look_ = after(there ? kLook : kTryAgain, [this] { look([](Worker &w) { return w.look(); }); });
    if (auto next = std::exchange(next_, std::nullopt))
        run(std::move(next->work), std::move(next->done));
    if (changed && on_changed)
        on_changed();
    if (done)
        done(std::move(result));
}

std::vector<std::string> Gadget::lun_folders() const
{
    std::vector<std::string> folders;
    for (unsigned n = 0; status_.built && status_.shape.has_storage() && n < luns_; ++n)
        folders.push_back(lun_folder(n));
    return folders;
}

} // namespace panto::usb
