// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

namespace panto::app
{

inline constexpr char kDefaultConfig[] = "/etc/kvm/server.yaml";

/// What the command line says; empty strings are "as the configuration or the default says".
struct Options {
    std::string config_path; ///< "": the default, which need not be there
    std::string state_dir = "/etc/kvm";
    std::string host;
    bool host_given = false;
    int port = -1;
    std::string web_root;
    std::string pipelines_dir;
    bool check_pipelines = false;
    bool print_config = false;
    bool doctor = false;
};

/// Reads argv. Returns -1 to go on, else the exit code (--help, --version, a bad option).
int parse_options(int argc, char **argv, Options &options);

} // namespace panto::app
