// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

namespace panto::system
{

struct Address {
    std::string interface;
    std::string address; ///< the interface's first IPv4 address
    bool wireless = false;
    unsigned prefix = 0; ///< how many bits of the address are the network's
};

/// What this device says of itself.
struct Info {
    std::vector<Address> addresses; ///< of interfaces that are up, wired before wireless
    std::string image;              ///< our own version and the operating system's name
    std::string version;            ///< of the NanoKVM interface we speak, x.y.z
};

Info info();

/// A key that stays the same for this device and differs from every other's: kept in
/// state_dir/device-key, made up at the first call. Blocks on the disk.
std::string device_key(const std::string &state_dir);

} // namespace panto::system
