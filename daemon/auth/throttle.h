// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/clock.h"

#include <chrono>
#include <map>
#include <string>

namespace panto::auth
{

/// Throttle: locks an address out after too many failed logins, and for twice as long each time, up
/// to an hour. What it did is forgotten after a day without a failure, or by a login.
///
/// Drops    everything it knows when kMostAddresses is reached; all of it at a restart
/// Source   the NanoKVM server's login lockout
class Throttle
{
public:
    static constexpr size_t kMostAddresses = 3000;

    /// duration 0 never locks.
    Throttle(std::chrono::seconds duration, unsigned max_failures, Clock clock = steady_now);

    /// What counts from now on. Who is locked out stays so for as long as was said; with 0, nobody.
    void change(std::chrono::seconds duration, unsigned max_failures);

    bool locked(const std::string &address);
    void failed(const std::string &address);
    void succeeded(const std::string &address);
    size_t size() const { return records_.size(); }

private:
    struct Record {
        unsigned failures = 0;
        Time last{};
        Time locked_until{};
        unsigned lockouts = 0;
    };
    void sweep(Time now);

    std::chrono::seconds duration_;
    unsigned max_failures_;
    Clock clock_;
    std::map<std::string, Record> records_;
    Time swept_{};
};

} // namespace panto::auth
