// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/system/scripts.h"

#include <string>

namespace panto::system
{

/// Starts all of these, in the order of their names, if they have not been started since the device
/// was: `state_dir`/autostarted holds the kernel's boot id of that time.
///
/// Threads  main loop only; `scripts` has to live until they are started
void run_autostart(const Scripts &scripts, const std::string &state_dir);

} // namespace panto::system
