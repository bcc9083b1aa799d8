// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/alive.h"
#include "lib/base/done.h"

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <vector>

namespace panto::power
{

using Mac = std::array<uint8_t, 6>;

/// Reads 52:54:00:12:34:56, 52-54-00-12-34-56, 5254.0012.3456 or 525400123456, in any case.
Result<Mac> parse_mac(const std::string &text);
/// As it is remembered: 52:54:00:12:34:56, upper-case.
std::string text(const Mac &mac);

/// What a sleeping network card waits for: six bytes ff, then its address sixteen times.
///
/// Source   AMD, Magic Packet Technology (publication 20213)
std::array<uint8_t, 102> magic_packet(const Mac &mac);

/// Sends the magic packet as a UDP broadcast to port 9, out of every interface that is up, or out
/// of the named one. Needs no address on the interface.
///
/// Errors   NotFound: no interface of that name. Unavailable: none is up, or none could send
Result<> broadcast_magic(const Mac &mac, const std::string &interface);

/// WakeOnLan: wakes computers, and remembers their addresses with the names people give them.
///
/// Nothing is sent but what wake() is asked for. It remembers 100 at the most: for one more the
/// oldest that has no name is forgotten.
///
/// Source   state file cache/wol: one "52:54:00:12:34:56" or "52:54:00:12:34:56 name" a line, as
///          the NanoKVM keeps it
/// Errors   Invalid: no MAC address, none that a card can have, or, with code kBadName, no name.
///          Busy: 100 have names. Unavailable: the file cannot be read; Internal: it cannot be
///          written, and is as it was
/// Threads  main loop only; the file is read and written on worker threads, one change at a time
class WakeOnLan
{
public:
    using Send = std::function<Result<>(const Mac &mac, const std::string &interface)>;
    static constexpr int kBadName = 1;
    explicit WakeOnLan(const std::string &state_dir, Send send = broadcast_magic);

    /// Sends the packet, by all interfaces when `interface` is empty, and remembers the address.
    /// That it cannot be remembered is logged, no error; when 100 have names it is not.
    void wake(const std::string &mac, const std::string &interface, Done<> done);
    /// The remembered ones, each "MAC" or "MAC name", in the order in which they came.
    void list(Done<std::vector<std::string>> done) const;
    /// Gives a remembered address a name, or remembers it with that name.
    void name(const std::string &mac, const std::string &name, Done<> done);
    /// Forgets an address; it need not be remembered.
    void forget(const std::string &mac, Done<> done);

private:
    using Lines = std::vector<std::string>;
    struct Change {
        std::function<Result<Lines>(Lines)> edit; ///< on a worker thread: holds only values
        Done<> done;
    };
    void change(Change change);
    void next();

    std::string path_;
    Send send_;
    std::deque<Change> changes_; ///< the first one is under way
    Self<WakeOnLan> self_{this};
};

} // namespace panto::power
