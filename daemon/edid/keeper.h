// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/alive.h"
#include "lib/base/done.h"
#include "lib/base/fd.h"
#include "lib/glib/source.h"

#include <functional>
#include <string>

namespace panto::edid
{

/// Keeper: shows the computer the EDID that was set last when the daemon starts, and again whenever
/// a capture device comes: a driver that is loaded anew, or a stick that is plugged in again, has
/// only its own.
///
/// Errors   a device that is busy has another user: that is tried again every 5 s until it is not;
///          one that cannot be opened, because its links and rights come a little later, 30 times;
///          one that does not show what it took, 3 times
/// Proven on  vivid, in the lab: its module taken out and put in again, with and without a viewer
/// Threads  main loop
class Keeper
{
public:
    using Restore = std::function<void(Done<>)>;

    /// `folder` is where device nodes come, /dev.
    Keeper(const std::string &folder, Restore restore);
    void start();

    std::function<void(const Error &)> on_problem; ///< once each

private:
    void heard();
    void came();
    void restore();
    void failed(const Error &why);
    bool is_worth_another(const Error &why);

    std::string folder_;
    Restore restore_;
    Fd nodes_;
    Source events_, retry_;
    int tries_left_ = 0, writes_left_ = 0;
    bool under_way_ = false;
    bool again_ = false; // a device came meanwhile
    std::string told_;
    Self<Keeper> self_{this};
};

} // namespace panto::edid
