// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/done.h"
#include "lib/base/fd.h"
#include "lib/base/gpio_line.h"
#include "lib/glib/source.h"

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace panto::power
{

/// Where pantograph-hold is: beside this program, else where it is installed.
std::string holder_program();

/// Holder: this process's line to pantograph-hold, which holds the buttons (docs/decisions/0005).
///
/// When it ends, what it left down is let go from here, and another one is started. One that does
/// not say in time that a button is up, since it is stopped or stuck, is killed: the kernel then
/// takes its lines back. At our end it has half a second to let go and end, or to say that it
/// cannot yet, which it then goes on trying: else it is killed, and the lines are let go from here.
///
/// Errors   Unavailable when it cannot be started or ends during a press, or what it says itself
/// Threads  main loop only
class Holder
{
public:
    /// One line for each button, as parse_gpio_line() reads it.
    Holder(std::string program, std::vector<std::string> lines);
    /// The rest is done on a worker thread, within a second and a half.
    ~Holder();

    /// done runs when the button is up again.
    void press(size_t button, std::chrono::milliseconds hold, Done<> done);

    /// A line cannot be had, with the reason and the cure, or "": it can again.
    std::function<void(size_t button, const std::string &why)> on_trouble;

private:
    void start();
    void hear();
    void obey(const std::string &message);
    void ended();
    void let_go();
    void answer(size_t button, Result<> outcome);
    void overdue(size_t button);

    struct Press {
        Done<> done;
        Source limit; ///< it should be up long before
    };
    std::string program_;
    std::vector<std::string> lines_;
    std::vector<Press> pending_; ///< by button
    Fd process_;                 ///< the holder's pidfd
    Fd socket_;                  ///< its end is what the holder waits for
    Source readable_;
    Source again_;
    std::vector<GpioLine> orphans_; ///< a holder that ended may have left them down
    int tries_ = 0;
    std::chrono::steady_clock::time_point started_;
};

} // namespace panto::power
