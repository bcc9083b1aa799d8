// SPDX-License-Identifier: LGPL-2.1-or-later
/// The library's exported functions, declared from the one list, so that a definition with another
/// signature does not compile.
#pragma once

#include "plugins/venc/mppabi.h"

namespace panto::mpp
{

#define STANDIN_DECLARE(need, ret, name, args)                                                     \
    extern "C" [[gnu::visibility("default")]] ret name args;
PANTO_MPP_FUNCTIONS(STANDIN_DECLARE)
#undef STANDIN_DECLARE

} // namespace panto::mpp
