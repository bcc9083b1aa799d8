// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/config/schema.h"
#include "daemon/system/memory.h"
#include "daemon/system/networks.h"
#include "daemon/system/scripts.h"
#include "daemon/system/services.h"
#include "daemon/system/swap.h"

namespace panto::system
{

/// The device that we run on, by its parts.
struct Device {
    Device(const config::System &how, const std::string &state_dir)
        : settings{how}, scripts{state_dir + "/scripts", {".sh", ".py"}, how.user},
          autostart{state_dir + "/autostart", {}, how.user}, swap{how.swap_file}
    {
    }
    const config::System settings;
    Services services;
    Networks networks;
    Scripts scripts;
    Scripts autostart; ///< run at each start of the device
    Swap swap;
    MemoryLimit memory;
};

} // namespace panto::system
