// SPDX-License-Identifier: LGPL-2.1-or-later
/// Rockchip's MPP, loaded at run time, with its functions under their own names.
#pragma once

#include "lib/base/result.h"
#include "plugins/venc/mppabi.h"

#include <string>

namespace panto::mpp
{

struct Library {
    std::string path; ///< the file in use
#define PANTO_MEMBER(need, ret, name, args) ret(*name) args = nullptr;
    PANTO_MPP_FUNCTIONS(PANTO_MEMBER)
#undef PANTO_MEMBER
};

/// The library, which then stays loaded to the end of the process: its threads and static objects
/// do not bear to be unloaded.
///
/// Errors   one sentence that names the file or what it lacks
/// Threads  any
Result<const Library *> load_library();

/// Whether the device nodes that the library needs can be opened. Old versions of it abort or
/// crash without them, so they are looked at before anything is made.
///
/// Errors   one sentence that names the node and what to do
Result<> check_devices();

/// "-8 (timeout)"
std::string text_of(Ret ret);

} // namespace panto::mpp
