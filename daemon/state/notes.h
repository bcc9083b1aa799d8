// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/alive.h"
#include "lib/base/done.h"

#include <deque>
#include <map>
#include <set>
#include <string>

namespace panto::state
{

/// Notes: small texts that outlive the daemon, each in a file of its own in the state folder: the
/// page's title, the leader key, the shortcuts.
///
/// What was set counts at once and is what read() gives; when it cannot be written, it is as it was
/// again. Changes are written one after the other.
///
/// Errors   Unavailable: the file cannot be read or written
/// Threads  main loop only; files are written on worker threads
class Notes
{
public:
    /// Reads these files, once; blocks on the disk. One of more than 64 KiB cannot be read. Nobody
    /// but the daemon's user may read the secrets among them.
    Notes(const std::string &state_dir, std::initializer_list<const char *> names,
          std::initializer_list<const char *> secrets = {});

    /// Kind::NotFound for a text that is not set.
    Result<std::string> read(const std::string &name) const;
    /// "" for one that is not set or cannot be read.
    std::string text(const std::string &name) const;
    void write(const std::string &name, const std::string &text, Done<> done);
    /// That there is none is no error.
    void remove(const std::string &name, Done<> done);

private:
    void load(const std::string &name);
    struct Change {
        std::string name;
        Result<std::string> text;
        Done<> done;
    };
    void change(const std::string &name, Result<std::string> text, Done<> done);
    void settle(const Change &over, const Result<> &written);
    void next();

    std::string folder_;
    std::set<std::string> secrets_;
    std::map<std::string, Result<std::string>> texts_;  ///< what counts
    std::map<std::string, Result<std::string>> stored_; ///< what the files hold
    std::deque<Change> changes_;                        ///< the first one is under way
    Self<Notes> self_{this};
};

} // namespace panto::state
