// SPDX-License-Identifier: LGPL-2.1-or-later
/// The vendors' libraries that this build can encode with.
#pragma once

#include "plugins/venc/session.h"

#include <span>

namespace panto::venc
{

struct Backend {
    const char *name; ///< the property's value
    /// Whether the board's device nodes can be opened.
    /// Errors: one sentence that names the node.
    Result<> (*has_devices)();
    /// Whether the library is there, too, and one that is known.
    Result<> (*is_usable)();
    std::unique_ptr<Session> (*make)(Note note);
};

/// In the order of preference.
std::span<const Backend> backends();

/// The one of that name; for "auto" the first whose devices are there, else the last, which then
/// says what is missing.
///
/// Errors   this build has none of that name
Result<const Backend *> backend_of(const std::string &name);

} // namespace panto::venc
