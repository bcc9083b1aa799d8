// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>

namespace panto::usb
{

/// What the gadget is to the computer at the other end of the cable.
///
/// Normal     boot keyboard, relative and absolute pointer, mass storage, network when it is on
/// HidOnly    keyboard and pointers, as plain as firmware and switches want them
/// BootOnly   boot keyboard and boot mouse, for firmware that is confused by anything else
/// NoStorage  as Normal without the mass storage
enum class Profile { Normal, HidOnly, BootOnly, NoStorage };

/// The kind of network card that the computer sees, if any.
enum class Network { Off, Ncm, Rndis };

/// What may be chosen while the daemon runs.
struct Shape {
    Profile profile = Profile::Normal;
    Network network = Network::Off;

    bool operator==(const Shape &) const = default;
    bool has_storage() const { return profile == Profile::Normal; }
    bool has_network() const { return may_have_network() && network != Network::Off; }
    bool may_have_network() const
    {
        return profile == Profile::Normal || profile == Profile::NoStorage;
    }
};

/// What tells this device from every other, the same at each start.
struct Identity {
    std::string serial;
    std::string device_mac; ///< of our end of the network
    std::string host_mac;   ///< of the card that the computer sees
};

const char *name_of(Profile profile);
const char *name_of(Network network);
std::optional<Profile> find_profile(const std::string &name);
std::optional<Network> find_network(const std::string &name);

/// An identity that follows from the device's key alone.
Identity identity_of(const std::string &device_key);

} // namespace panto::usb
