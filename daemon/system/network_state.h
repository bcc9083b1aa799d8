// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/system/bus.h"

#include <string>
#include <vector>

namespace panto::system
{

/// The network connection that leads out of here, as far as it is known.
struct Network {
    std::string interface; ///< "" when there is none
    bool wireless = false;
    std::string address; ///< a.b.c.d/length
    std::string mask;    ///< 255.255.255.0
    std::string gateway;
    std::vector<std::string> search;
    std::vector<std::string> servers;      ///< the name servers that are asked
    std::vector<std::string> dhcp_servers; ///< those that came with the address
    std::string connection, device;        ///< NetworkManager's objects; "" without it
};

/// A Wi-Fi device.
struct Wifi {
    std::string device; ///< NetworkManager's object; "" when there is none
    bool connected = false;
    std::string ssid; ///< of the network it is connected to
    struct Reach {
        std::string ssid, object;
    };
    std::vector<Reach> reach; ///< the networks that it hears
};

/// What NetworkManager's GetManagedObjects, a tuple of a{oa{sa{sv}}}, says. What is missing or of
/// another type counts as not there.
///
/// Source   NetworkManager 1.42's D-Bus interface
Network read_network(GVariant *objects);
Wifi read_wifi(GVariant *objects);

/// The state of an active connection, NMActiveConnectionState; 0 when it is not there.
unsigned state_of(GVariant *objects, const std::string &active);

/// The same without NetworkManager: from the interfaces, the routes, and /etc/resolv.conf.
Network read_kernel();
/// The name servers of a resolv.conf, and where they look.
void read_resolv_conf(const std::string &text, Network &into);

} // namespace panto::system
