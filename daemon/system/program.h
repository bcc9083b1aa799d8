// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/done.h"
#include "lib/base/fd.h"
#include "lib/glib/gio.h"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace panto::system
{

/// A program to run: no shell reads its arguments. It gets no word of our own environment but the
/// search path, and nothing to read.
struct Program {
    std::vector<std::string> arguments; ///< the first is the program, looked up in PATH
    std::chrono::milliseconds longest{std::chrono::seconds{30}}; ///< then it is killed
    bool with_errors = false;          ///< whether what it says on stderr is output, too
    bool ends_with_us = false;         ///< killed, with all of its group, when this process ends
    std::string user = {};             ///< runs as this user when we are root; "": as we do
    std::shared_ptr<Fd> file = {};     ///< what it finds as /proc/self/fd/3
    std::shared_ptr<Fd> terminal = {}; ///< what it is in front of, in place of all other output
};

struct Ended {
    int status = -1;    ///< its exit status; -1: a signal ended it
    std::string output; ///< of more than 1 MiB, the beginning
};

/// Runs a program to its end. What it leaves running goes on; it is not waited for.
///
/// Errors   NotFound: no such program or user; Timeout: it was killed, with all of its group;
///          Unavailable: no process could be made
/// Threads  main loop only; a program outlives whoever started it, and this process unless it says
///          otherwise
void run(const Program &program, Done<Ended> done);
/// Starts a program that nobody waits for; `longest` and its output do not count.
Result<Ref<GSubprocess>> spawn(const Program &program);
/// As run(), and an Error of Kind::Internal with what it said when its exit status is not 0.
void run_well(const Program &program, Done<std::string> done);

} // namespace panto::system
