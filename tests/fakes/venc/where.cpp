// SPDX-License-Identifier: LGPL-2.1-or-later
/// In place of plugins/venc/where.cpp: the library that VENC_MPP_LIBRARY names, without a look at
/// devices unless VENC_DEVICE_ROOT names a folder that has them.
#include "plugins/venc/where.h"

#include <cstdlib>

namespace panto::venc
{

namespace
{

std::string variable(const char *name, const char *otherwise)
{
    const char *const value = std::getenv(name);
    return value ? value : otherwise;
}

} // namespace

std::string mpp_library()
{
    return variable("VENC_MPP_LIBRARY", "librockchip_mpp.so.1");
}

std::string device_root()
{
    return variable("VENC_DEVICE_ROOT", "");
}

} // namespace panto::venc
