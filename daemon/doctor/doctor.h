// SPDX-License-Identifier: LGPL-2.1-or-later
/// Doctor: walks the chain from the target's cable to the user's browser and says of each link how
/// it stands and, for a broken one, what to do.
///
/// Proven on  vivid, snd-aloop, dummy_hcd, gpio-sim and nbd, in the lab, each fault by itself; on
///          no real board yet
/// Threads  any; blocks on drivers and the disk
#pragma once

#include "daemon/config/schema.h"
#include "daemon/doctor/finding.h"
#include "daemon/doctor/gadget.h"
#include "daemon/media/capture.h"
#include "daemon/media/library.h"
#include "daemon/tls/certificate.h"
#include "lib/json/json.h"

#include <optional>
#include <string>

namespace panto::doctor
{

/// What this process has seen itself while it runs.
struct Watched {
    std::optional<media::Signal> signal{}; ///< of its capture
    NodeStates nodes{};                    ///< of the nodes that it sends input to
};

/// What the doctor looks at, beside the configuration.
struct Subject {
    config::Config config; ///< with the command line's host and port in it
    std::string state_dir;
    tls::Files certificate;
    Result<media::Library> library;
    Watched watched{};
};

Findings examine(const Subject &subject);

/// The worst of them.
State verdict(const Findings &findings);
/// A line for each link, and one with the cure under each that needs one.
std::string table(const Findings &findings);
/// {"verdict":"ok","links":[{"link","state","what","cure"},...]}
json::Object report(const Findings &findings);

} // namespace panto::doctor
