// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/system/info.h"

#include "lib/base/file.h"

#include <algorithm>
#include <arpa/inet.h>
#include <bit>
#include <glib.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <string_view>

namespace panto::system
{

namespace
{

/// Clients switch features on by this, and python-nanokvm chooses by it how accounts are spoken of:
/// from here on with the current password, and several of them.
constexpr char kInterfaceVersion[] = "2.5.1";

unsigned prefix_of(const sockaddr *mask)
{
    return mask ? unsigned(
                      std::popcount(reinterpret_cast<const sockaddr_in *>(mask)->sin_addr.s_addr))
                : 0;
}

std::vector<Address> addresses()
{
    std::vector<Address> out;
    ifaddrs *all = nullptr;
    if (::getifaddrs(&all) != 0)
        return out;
    for (const ifaddrs *i = all; i; i = i->ifa_next) {
        const std::string_view name = i->ifa_name;
        const bool wired = name.starts_with("en") || name.starts_with("eth");
        const bool wireless = name.starts_with("wl");
        if (!i->ifa_addr || i->ifa_addr->sa_family != AF_INET || !(i->ifa_flags & IFF_UP) ||
            (!wired && !wireless))
            continue;
        if (std::any_of(out.begin(), out.end(), [&](auto &a) { return a.interface == name; }))
            continue;
        char text[INET_ADDRSTRLEN] = "";
        ::inet_ntop(AF_INET, &reinterpret_cast<sockaddr_in *>(i->ifa_addr)->sin_addr, text,
                    sizeof text);
        out.push_back({std::string{name}, text, wireless, prefix_of(i->ifa_netmask)});
    }
    ::freeifaddrs(all);
    std::stable_sort(out.begin(), out.end(),
                     [](auto &a, auto &b) { return a.wireless < b.wireless; });
    return out;
}

std::string os_name()
{
    char *name = g_get_os_info(G_OS_INFO_KEY_PRETTY_NAME);
    std::string out = name ? name : "";
    g_free(name);
    return out;
}

} // namespace

Info info()
{
    return {addresses(), "Pantograph " PANTOGRAPH_VERSION ", " + os_name(), kInterfaceVersion};
}

std::string device_key(const std::string &state_dir)
{
    const std::string path = state_dir + "/device-key";
    if (auto kept = read_file(path); kept && !kept->empty())
        return kept->substr(0, kept->find('\n'));
    char *made = g_uuid_string_random();
    const std::string key = made;
    g_free(made);
    (void)replace_file(path, key + "\n", 0600); // not kept: the next start makes another
    return key;
}

} // namespace panto::system
