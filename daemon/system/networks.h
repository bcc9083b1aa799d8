// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/system/network_state.h"
#include "lib/base/alive.h"
#include "lib/base/done.h"
#include "lib/glib/source.h"

#include <optional>
#include <string>
#include <vector>

namespace panto::system
{

/// How names are asked for.
struct Dns {
    bool manual = false;
    std::vector<std::string> servers; ///< those somebody set
    Network network;
};

/// Networks: addresses, name servers and Wi-Fi, as NetworkManager has them.
///
/// Errors   as Bus: Unavailable without NetworkManager, except for what the kernel knows, too;
///          NotFound: no such device; Invalid: no such address; Timeout: the network did not answer
/// Threads  main loop only
/// Source   org.freedesktop.NetworkManager
class Networks
{
public:
    void dns(Done<Dns> done);
    /// Asks these servers from now on; none: those that come with the address. Nobody is asked
    /// about texts that are no addresses.
    void set_dns(const std::vector<std::string> &servers, Done<> done);

    /// One without a device when there is no Wi-Fi here.
    void wifi(Done<Wifi> done);
    /// An empty password is an open network's. Waits for up to 18 s; code kUnknown: whether it
    /// stands cannot be told.
    static constexpr int kUnknown = 1;
    void connect_wifi(const std::string &ssid, const std::string &password, Done<> done);
    void disconnect_wifi(Done<> done);

private:
    using Objects = Ref<GVariant>;
    void look(Done<Objects> done);
    void settings(const std::string &connection, Done<Ref<GVariant>> done);
    void activate(const Wifi &wifi, const std::string &point, Ref<GVariant> profile,
                  Done<Ref<GVariant>> done);
    void wait_for(const std::string &active, unsigned looks, Done<> done);

    Bus bus_;
    Source pause_;
    bool connecting_ = false;
    Self<Networks> self_{this};
};

/// Invalid names the first text that is no address.
Result<> check_servers(const std::vector<std::string> &servers);
/// The connection's settings (a{sa{sv}}) with other name servers, which are addresses.
Ref<GVariant> with_dns(GVariant *settings, const std::vector<std::string> &servers);
/// The servers that settings set, and whether they alone count.
Dns dns_in(GVariant *settings);

} // namespace panto::system
