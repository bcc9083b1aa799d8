// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/config/schema.h"
#include "daemon/doctor/finding.h"
#include "daemon/tls/certificate.h"

#include <cstdint>
#include <string>
#include <vector>

namespace panto::doctor
{

/// Whether all that the configuration file says was taken: link "settings".
Finding examine_settings(const std::vector<std::string> &left_out);
/// Whether the daemon can listen on each port that it serves, or does: link "port".
Finding examine_ports(const config::Server &server);
/// The TLS certificate and its key: link "certificate".
Finding examine_certificate(const config::Server &server, const tls::Files &files);
/// Whether a folder takes files and has room left: link `link`.
Finding examine_folder(const std::string &link, const std::string &folder, uint64_t least_free);
/// Whether the time can be right: sessions, certificates and logs hang on it. Link "clock".
Finding examine_clock();

} // namespace panto::doctor
