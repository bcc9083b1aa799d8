// SPDX-License-Identifier: LGPL-2.1-or-later
/// Addresses as people write them into a configuration or on a command line.
#pragma once

#include <string>

namespace panto
{

/// Whether text is an IPv4 or IPv6 address, the latter with or without a scope: "fe80::1%eth0".
bool is_ip_address(const std::string &text);

/// Whether text names a host and a port: "stun.example.org:3478", "[::1]:3478".
bool is_host_and_port(const std::string &text);

} // namespace panto
