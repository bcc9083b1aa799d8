// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/alive.h"
#include "lib/base/done.h"
#include "lib/glib/source.h"

#include <deque>
#include <functional>
#include <memory>

namespace panto::edid
{

/// Way: gets a device to ourselves that our own capture may have. A driver takes no EDID while it
/// streams: the capture makes way then, at most 3 s long, and begins anew with the EDID in its
/// place; who watches sees a still picture meanwhile. One work at a time, in the order in which
/// they came: what the device shows and what is kept of it are of one work.
///
/// Errors   Busy: the device has another user, who did not let go, or eight works wait already
/// Threads  main loop
class Way
{
public:
    /// Our own capture keeps off until this is let go of; null: it does not have the device.
    using Held = std::shared_ptr<void>;
    using Work = std::function<void(Done<>)>;

    /// Does the work after those before it, and again every 100 ms while the device is busy and the
    /// capture is off it. It must call what it is given later, not at once.
    void get(Work work, Done<> done);

    std::function<Held()> make;

private:
    struct Turn {
        Work work;
        Done<> done;
        Held held;
        int tries_left;
    };
    void attempt();
    void ended(Result<> result);

    std::deque<Turn> turns_; ///< the first one is under way
    Source retry_;
    Self<Way> self_{this};
};

} // namespace panto::edid
