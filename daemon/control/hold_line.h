// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/control/channel.h"
#include "daemon/hid/hold.h"

#include <memory>
#include <string>

namespace panto::control
{

/// HoldLine: one socket's part in who keeps the input. Up goes {"hold":"<deed>"}, of keep, let-go,
/// ask, withdraw, refuse, take and give, the last with a number in "to"; down come input-hold, who
/// is here and what is whose, hold-event, what somebody did to this one, and hold-refused. A peer
/// that never introduces itself is told nothing.
///
/// Errors   a deed of another name is refused as Invalid
/// Threads  main loop only
class HoldLine
{
public:
    HoldLine(hid::Hold &hold, hid::Hold::Person person, Channel::SendText send_text);

    void introduced(const std::string &id);
    void act(const std::string &deed, unsigned to);

private:
    Result<> done(const std::string &deed, unsigned to);
    void tell();

    hid::Hold &hold_;
    hid::Hold::Person person_;
    Channel::SendText send_text_;
    std::unique_ptr<hid::Hold::Seat> seat_;
};

} // namespace panto::control
