// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/update/manifest.h"
#include "daemon/update/package.h"
#include "lib/base/alive.h"
#include "lib/base/fetch.h"
#include "lib/glib/source.h"

#include <memory>
#include <string>

namespace panto::update
{

/// Updater: asks an update server for its newest package, and has the package manager install one.
///
/// The installation runs outside of the daemon, as the daemon is started anew by it; what it says
/// is in the system's journal, unit pantograph-update.
///
/// Errors   Unavailable: the server, the disk; Timeout: 5 s for a manifest;
///          Invalid: no such package; Busy: an update is in progress;
///          NotFound: no package manager
/// Threads  main loop only
class Updater
{
public:
    /// `folder` holds a package while it comes.
    Updater(std::string folder, std::string current);

    fetch::Start fetch; ///< to be set before anything is asked for

    const std::string &current() const { return current_; }

    void latest(const std::string &base, Done<Manifest> done);
    /// Fetches the newest package and has it installed. A server without a newer one is an error.
    void update(const std::string &base, Done<> done);

    /// A place for a package that comes from elsewhere; the next one's is the same.
    std::unique_ptr<Package> receive();
    /// Has a package that is whole installed, and removes the file.
    void install(const std::string &path, Done<> done);
    /// Marks that a package comes; false when one does already.
    bool begin();
    void end() { busy_ = false; }
    /// Whether one comes, or is being handed to the package manager.
    bool busy() const { return busy_; }

private:
    void get(const std::string &base, const Manifest &manifest, Done<> done);

    std::string folder_, current_;
    bool busy_ = false;
    Self<Updater> self_{this};
};

} // namespace panto::update
