// SPDX-License-Identifier: LGPL-2.1-or-later
/// The configuration file, /etc/kvm/server.yaml: read whole, checked whole.
///
/// A key that is unknown, or a value that its key cannot have, keeps nobody out of the machine: the
/// default takes its place, and Config::left_out says so.
///
/// Errors   a file that cannot be read, is no YAML or sets a key twice: one line for each problem,
///          "server.yaml:12: host: is already set on line 3", joined with \n in one Error of
///          Kind::Invalid
/// Drops    what cannot be taken: a line each, "server.yaml:12: port.http: must be 1..65535, not
///          \"eighty\"; 80 is used"
/// Source   key names and synonyms: the NanoKVM server's configuration file
#pragma once

#include "daemon/config/schema.h"
#include "lib/base/result.h"

#include <string>

namespace panto::config
{

enum class Missing { MeansDefaults, IsWrong };

/// Reads the file; a missing key means its default. Kind::Invalid, too, when it cannot be read.
Result<Config> load(const std::string &path, Missing missing = Missing::MeansDefaults);

/// Checks text as load() checks a file; name stands for the file in messages.
Result<Config> parse(const std::string &text, const std::string &name);

/// A key of which the file says something else than what counts.
struct Change {
    std::string key;
    bool live; ///< whether it counts at once; else from the next start on
};
/// Takes from a file that was read again what a running daemon can change; says what differs.
std::vector<Change> update(Config &running, const Config &read);

/// The commented file that says what the defaults say: the text of data/server.yaml.
std::string default_text();

} // namespace panto::config
