// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/result.h"

#include <string>

namespace panto::config
{

/// What a file's text is when one of its keys that stand at the margin has another value; the rest
/// stays, comments too, and the key as it is spelt there. `value` is a plain word.
std::string with_value(const std::string &text, const std::string &key, const std::string &value);

/// Sets such a key in the configuration file, which is made when it is not there. Blocks on the
/// disk.
///
/// Errors   Invalid: the file would not say so afterwards; Unavailable: it cannot be written
Result<> set_value(const std::string &path, const std::string &key, const std::string &value);

} // namespace panto::config
