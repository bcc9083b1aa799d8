// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/config/schema.h"
#include "daemon/system/memory.h"
#include "daemon/system/scripts.h"
#include "daemon/system/services.h"
#include "daemon/system/swap.h"

namespace panto::system
{

/// The device that we run on, by its parts.
struct Device {
    Device(const config::System &settings, const std::string &state_dir)
        : scripts{state_dir + "/scripts", {".sh", ".py"}, settings.user},
          autostart{state_dir + "/autostart", {}, settings.user}, swap{settings.swap_file}
    {
    }
    Services services;
    Scripts scripts;
    Scripts autostart; ///< run at each start of the device
    Swap swap;
    MemoryLimit memory;
};

} // namespace panto::system
