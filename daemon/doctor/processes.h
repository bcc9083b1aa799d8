// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

namespace panto::doctor
{

/// A process that has something open.
struct Holder {
    int pid;
    std::string name; ///< as /proc/PID/comm has it
};

/// Who has this file open; `target` is what the links in /proc/PID/fd read as. Processes of other
/// users are seen by root only.
std::vector<Holder> holders_of(const std::string &target);
/// Who listens on this TCP port, on any address.
std::vector<Holder> listeners_on(unsigned port);

/// "pantographd (pid 812) and cat (pid 9)"
std::string text_of(const std::vector<Holder> &holders);

} // namespace panto::doctor
