// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/result.h"

#include <string>

namespace panto::update
{

/// Where updates come from. None is set at first: nothing leaves this device.
struct Source {
    bool enabled = false;
    std::string url; ///< without a slash at its end

    /// The folder of latest.json; previews have one of their own.
    std::string base(bool preview) const { return preview ? url + "/preview" : url; }
};

/// The rules of an update server's address; a slash at its end is taken off. Invalid says which.
Result<Source> check_source(bool enabled, const std::string &url);

std::string to_text(const Source &source);
/// One that is off, for a text that is none.
Source from_text(const std::string &text);

} // namespace panto::update
