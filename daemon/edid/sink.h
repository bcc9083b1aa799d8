// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/edid/edid.h"
#include "daemon/edid/way.h"
#include "lib/base/done.h"

#include <functional>

namespace panto::edid
{

/// What the capture device shows the computer now, and what it could.
struct Shown {
    Bytes edid;                       ///< empty: none, the computer sees no monitor
    std::string preset;               ///< its name if it is one of ours
    std::vector<std::string> presets; ///< all that the device takes
};

/// Sink: the EDID by which the computer knows the capture device; kept across restarts.
///
/// Errors   Unavailable: the device has no EDID of its own, as most USB sticks; Busy: another
///          program streams from it; Invalid: no EDID, or with a mode that the device does not take
/// Proven on  vivid, in the lab: every preset and one of one's own, before and after a restart, and
///          below a viewer
/// Threads  main loop; the device and the disk are used on worker threads
class Sink
{
public:
    /// Whether the sound that comes over the cable can be captured now; called on worker threads.
    using Hears = std::function<bool()>;

    /// `device` is a V4L2 node, or virtual.
    Sink(std::string device, const std::string &state_dir, Hears hears);

    /// Shows the computer what was set last, if anything was and it is not what it sees. Code
    /// EAGAIN: the device took it, and shows another.
    void restore(Done<> done);
    void read(Done<Shown> done) const;
    void set(Bytes edid, Done<> done);
    void set_preset(const std::string &name, Done<> done);

    Way way; ///< past our own capture, to what is set or restored

private:
    void put(std::function<Result<>()> work, Done<> done);

    std::string device_;
    std::string file_;
    Hears hears_;
};

} // namespace panto::edid
