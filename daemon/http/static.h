// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/http/request.h"

#include <optional>

namespace panto::http
{

/// Where the pages are.
struct Site {
    std::string folder;
    /// Somebody else's, such as a NanoKVM's: it may make its styles and workers as it runs.
    bool is_foreign = false;
};

/// The file below a site's folder that a path names ("/" is index.html), with its type and the
/// headers that keep a page from loading anything of other hosts. Nothing when there is no such
/// file, or when it is of no type that pages are made of.
std::optional<Response> static_file(const Site &site, const std::string &path);

} // namespace panto::http
