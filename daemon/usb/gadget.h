// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/config/schema.h"
#include "daemon/usb/shape.h"
#include "daemon/usb/tree.h"
#include "lib/base/alive.h"
#include "lib/base/clock.h"
#include "lib/base/done.h"
#include "lib/glib/source.h"

#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace panto::usb
{

/// How the gadget is.
///
/// Unbound    another program has taken it off its port
/// NoConfigfs the kernel's gadget support is missing
/// NoFunction the kernel lacks the driver of one function
/// HidTaken   other gadgets have the HID functions that the kernel has for all of them
/// InUse      another pantographd runs and has it
/// Failed     anything else; the reason holds the kernel's words
enum class State {
    Off,
    Starting,
    On,
    Unbound,
    NoConfigfs,
    NoUdc,
    UdcTaken,
    NoPermission,
    NoFunction,
    HidTaken,
    InUse,
    Failed,
};

const char *name_of(State state);
/// What somebody can do about it; "" when nothing is wrong.
const char *cure_of(State state);

/// The shape somebody chose at run time, which `choice_path` holds, else the configured one.
Shape wanted_shape(const config::Usb &settings, const std::string &choice_path);

struct Status {
    State state = State::Off;
    std::string reason; ///< "" when nothing is wrong
    Shape shape;
    std::string udc;  ///< "" while there is none
    std::string host; ///< what the port says of the cable: configured, suspended, not attached ...
    std::string interface;     ///< our end of its network, "usb0"; "" while there is none here
    bool interface_up = false; ///< whether somebody has set that up: nothing here does
    bool built = false;        ///< configfs holds it, whether there is a port or not

    bool operator==(const Status &) const = default;
};

/// Gadget: the one USB device that the computer sees: keyboard, pointers, drives, network card.
///
/// Made from configfs at start(), of what an earlier process left first. When it cannot be made the
/// status says why, and it is tried again every 5 s. A change that fails leaves the former gadget,
/// and one whose port goes away is kept with what lies in its drives until a port is there again.
/// A chosen shape is kept in a file and stands above the configuration's.
///
/// Proven   on dummy_hcd of Debian's Linux 6.1.0-56 by tests/lab; on no port of a real board yet
/// Source   Linux drivers/usb/gadget: composite.c tells `suspended`; udc/core.c takes `srp`, which
///          is remote wakeup where the port's driver can (dwc2 of 6.1 cannot, and says nothing)
/// Errors   Unavailable: off, or the kernel refused; Busy: another change is under way or waits
/// Threads  main loop only; the kernel's files are touched on worker threads, one job at a time
/// Owner    its death takes the gadget apart
class Gadget
{
public:
    Gadget(const config::Usb &settings, Identity identity, std::string choice_path,
           std::shared_ptr<Tree> tree = std::make_shared<KernelTree>());
    ~Gadget();

    void start();
    /// What it has already is done at once, unless a change is under way.
    void set_shape(const Shape &shape, Done<> done);
    /// Takes it off the port and back, as a pulled cable does.
    void rebind(Done<> done);
    /// Asks a sleeping computer to wake up, which it does if it let the device do so; once a
    /// second.
    void wake();

    const Status &status() const { return status_; }
    bool enabled() const { return enabled_; }
    /// Whether a change is under way or waits: status() still tells of the time before.
    bool changing() const { return changing_; }
    /// The folders of the drives, lun.0 first; none while there is no storage.
    std::vector<std::string> lun_folders() const;

    std::function<void()> on_changed;
    /// A change waits for the kernel, and that perhaps for a drive: each 2 s of it.
    std::function<void()> on_slow;

private:
    struct Worker;
    using Work = std::function<Result<>(Worker &)>;
    struct Change {
        Work work;
        Done<> done;
    };

    void change(Work work, Done<> done);
    void look(Work work);
    void run(Work work, Done<> done);
    void finished(const Status &status, Result<> result, const Done<> &done);

    bool enabled_;
    unsigned luns_;
    std::shared_ptr<Worker> worker_;
    std::shared_future<void> last_job_;
    bool busy_ = false;     // a job is under way
    bool changing_ = false; // one that changes something
    std::optional<Change> next_;
    Status status_;
    Time woken_{};
    Source look_, slow_;
    Self<Gadget> self_{this};
};

} // namespace panto::usb
