// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/venc/where.h"

namespace panto::venc
{

std::string mpp_library()
{
    return "librockchip_mpp.so.1";
}

std::string device_root()
{
    return "/";
}

} // namespace panto::venc
