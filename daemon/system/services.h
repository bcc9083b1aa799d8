// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/system/bus.h"

#include <string>
#include <vector>

namespace panto::system
{

/// Services: the device that we run on, by way of the services that Debian runs on it: hostnamed,
/// logind, systemd and Avahi.
///
/// Errors   as Bus; Invalid: no host name
/// Threads  main loop only
/// Source   org.freedesktop.hostname1, org.freedesktop.login1, org.freedesktop.systemd1,
///          org.freedesktop.Avahi.Server
class Services
{
public:
    /// The kernel's host name.
    static Result<std::string> hostname();
    /// Sets it for the next starts and for now; code kOnlyLater: for now it could not be set.
    static constexpr int kOnlyLater = 1;
    void set_hostname(const std::string &name, Done<> done);
    void reboot(Done<> done);
    /// The name that Avahi announces by mDNS, "kvm.local"; after 1 s at most. It need not be the
    /// host's: another device may have had that.
    void mdns_name(Done<std::string> done);

    /// Whether a unit is started with the device.
    void is_enabled(const std::string &unit, Done<bool> done);
    /// Start, Stop or Restart: a unit, for now.
    void change(const std::string &unit, const std::string &how, Done<> done);
    /// Starts units now and with the device, in this order, or stops them and starts them no more.
    /// A service's socket comes before it: it would start the service again.
    void enable(const std::vector<std::string> &units, bool on, Done<> done);

private:
    struct Step {
        Method method;
        Ref<GVariant> arguments = {};
    };
    void run(std::vector<Step> steps, Done<> done);

    Bus bus_;
};

/// The rule a host name breaks, or ok: 1 to 64 letters, digits and hyphens, in parts between dots.
///
/// Source   RFC 1123, section 2.1; Linux takes 64 bytes
Result<> check_hostname(const std::string &name);

} // namespace panto::system
