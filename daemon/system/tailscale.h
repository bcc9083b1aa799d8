// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/done.h"

#include <functional>
#include <string>

namespace panto::system
{

/// What Tailscale says of itself; the texts are empty while it does not know.
struct Tailscale {
    std::string state = "notInstall"; ///< notInstall, notRunning, notLogin, stopped or running
    std::string name;                 ///< the device's, in the tailnet
    std::string ip;
    std::string account;
};

/// Asks the tailscale program, which has 5 s; calls done on the main loop. A program that fails, or
/// says what makes no sense, is one whose service is not running.
///
/// Source   `tailscale status --json`
void ask_tailscale(std::function<void(Tailscale)> done);
/// The same from what the program printed.
Tailscale read_tailscale(const std::string &json);

/// Has it go `up`, `down` or `logout`.
///
/// Errors   NotFound: it is not installed; Internal with its own words; Timeout
void change_tailscale(const std::string &verb, Done<> done);

/// The page on which somebody signs this device in; "" when it is signed in already.
void login_to_tailscale(Done<std::string> done);
/// The first address in what the program printed, or "".
std::string visit_in(const std::string &said);

} // namespace panto::system
