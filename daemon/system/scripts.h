// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/system/program.h"
#include "lib/base/done.h"

#include <initializer_list>
#include <string>
#include <vector>

namespace panto::system
{

/// Scripts: the small programs that an owner keeps in a folder of the device.
///
/// A name is 1 to 128 letters, digits, dots, hyphens and underscores, and begins with none of the
/// dots and hyphens; there are 256 files at the most, of 1 MiB each.
///
/// Errors   Invalid: no such name, or too large; NotFound: no such file; Conflict: too many;
///          Unavailable: the disk
/// Threads  main loop only; the disk is used on worker threads
class Scripts
{
public:
    /// `suffixes`: what names end with; none for any. `user` runs them when we are root.
    Scripts(std::string folder, std::initializer_list<const char *> suffixes, std::string user);

    /// Sorted. A folder that is not there yet is an empty one.
    void list(Done<std::vector<std::string>> done) const;
    void read(const std::string &name, Done<std::string> done) const;
    void save(const std::string &name, const std::string &content, Done<> done);
    void remove(const std::string &name, Done<> done);

    /// Runs it to its end, 5 minutes and as long as this process lives at the most: what it said,
    /// errors too.
    void run(const std::string &name, Done<Ended> done) const;
    /// Starts it; what it says is lost.
    void start(const std::string &name, Done<> done) const;

private:
    Result<std::string> path_of(const std::string &name) const;

    std::string folder_;
    std::vector<std::string> suffixes_;
    std::string user_;
};

} // namespace panto::system
