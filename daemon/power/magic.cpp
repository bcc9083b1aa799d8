// SPDX-License-Identifier: LGPL-2.1-or-later
/// The magic packet's way out: one socket bound to each interface.
#include "daemon/power/wol.h"

#include "lib/base/fd.h"

#include <cerrno>
#include <cstring>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace panto::power
{

namespace
{

constexpr uint16_t kDiscardPort = 9; // what wakers have always used; nobody listens there

struct Interface {
    std::string name;
    bool usable; ///< up, with a cable, and able to broadcast
};

/// Every interface once, with an address or without.
std::vector<Interface> interfaces()
{
    std::vector<Interface> out;
    ifaddrs *all = nullptr;
    if (::getifaddrs(&all) != 0)
        return out;
    for (const ifaddrs *i = all; i; i = i->ifa_next) {
        constexpr unsigned kWanted = IFF_UP | IFF_RUNNING | IFF_BROADCAST;
        if (i->ifa_addr && i->ifa_addr->sa_family == AF_PACKET)
            out.push_back({i->ifa_name, (i->ifa_flags & (kWanted | IFF_LOOPBACK)) == kWanted});
    }
    ::freeifaddrs(all);
    return out;
}

Result<> send_by(const std::string &interface, const Mac &mac)
{
    const auto failed = [&] {
        return Error{Kind::Unavailable, "cannot send by " + interface + ": " + std::strerror(errno),
                     errno};
    };
    const Fd fd{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    const int yes = 1;
    if (!fd || ::setsockopt(fd.get(), SOL_SOCKET, SO_BROADCAST, &yes, sizeof yes) != 0 ||
        ::setsockopt(fd.get(), SOL_SOCKET, SO_BINDTODEVICE, interface.c_str(),
                     socklen_t(interface.size())) != 0)
        return failed();
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(kDiscardPort);
    to.sin_addr.s_addr = htonl(INADDR_BROADCAST);
    const auto packet = magic_packet(mac);
    if (::sendto(fd.get(), packet.data(), packet.size(), 0, reinterpret_cast<sockaddr *>(&to),
                 sizeof to) != ssize_t(packet.size()))
        return failed();
    return ok;
}

} // namespace

Result<> broadcast_magic(const Mac &mac, const std::string &interface)
{
    Result<> outcome = interface.empty()
                           ? Error{Kind::Unavailable, "no network interface is up"}
                           : Error{Kind::NotFound, "there is no network interface of that name"};
    bool sent = false;
    for (const Interface &i : interfaces()) {
        if (!interface.empty() && i.name != interface)
            continue;
        if (!i.usable && interface.empty())
            continue;
        outcome = i.usable ? send_by(i.name, mac)
                           : Error{Kind::Unavailable,
                                   i.name + " is down, has no cable, or knows no broadcast"};
        sent = sent || outcome;
    }
    return sent ? ok : outcome;
}

} // namespace panto::power
