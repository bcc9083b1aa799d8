// SPDX-License-Identifier: LGPL-2.1-or-later
/// Where the vendor's library and its devices are looked for. The installed module has fixed
/// answers; the tests link others (tests/fakes/venc/where.cpp).
#pragma once

#include <string>

namespace panto::venc
{

/// What dlopen() is to load.
std::string mpp_library();

/// The folder that holds dev/; empty when devices are not to be looked at.
std::string device_root();

} // namespace panto::venc
