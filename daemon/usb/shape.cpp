// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/usb/shape.h"

#include <glib.h>
#include <iterator>

namespace panto::usb
{

namespace
{

constexpr const char *kProfiles[] = {"normal", "hid-only", "boot-only", "no-storage"};
constexpr const char *kNetworks[] = {"off", "ncm", "rndis"};

template <class E, size_t N>
std::optional<E> find(const char *const (&names)[N], const std::string &name)
{
    for (size_t i = 0; i < N; ++i)
        if (name == names[i])
            return E(i);
    return {};
}

} // namespace

const char *name_of(Profile profile)
{
    return kProfiles[size_t(profile)];
}

const char *name_of(Network network)
{
    return kNetworks[size_t(network)];
}

std::optional<Profile> find_profile(const std::string &name)
{
    return find<Profile>(kProfiles, name);
}

std::optional<Network> find_network(const std::string &name)
{
    return find<Network>(kNetworks, name);
}

Identity identity_of(const std::string &device_key)
{
    char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA512, device_key.c_str(), -1);
    const std::string digits = sum;
    g_free(sum);
    char *upper = g_ascii_strup(digits.c_str(), 16);
    const std::string serial = upper;
    g_free(upper);
    // The vendor's prefixes for the two ends; the last two bytes are the device's own.
    const std::string tail = ":" + digits.substr(0, 2) + ":" + digits.substr(2, 2);
    return {serial, "48:da:35:6e" + tail, "48:da:35:6d" + tail};
}

} // namespace panto::usb
