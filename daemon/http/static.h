// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/http/request.h"

#include <optional>

namespace panto::http
{

/// The file below root that a path names ("/" is index.html), with its type and the headers that
/// keep a page from loading anything foreign. Nothing when there is no such file, or when it is of
/// no type that pages are made of.
std::optional<Response> static_file(const std::string &root, const std::string &path);

} // namespace panto::http
