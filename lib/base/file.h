// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/result.h"

#include <cstddef>
#include <string>
#include <sys/types.h>

namespace panto
{

/// Reads a whole regular file. Kind::NotFound when it does not exist, Kind::Invalid when it holds
/// more than max_bytes, else Kind::Unavailable.
Result<std::string> read_file(const std::string &path, size_t max_bytes = 1u << 20);

/// Whether there is a folder to read; Kind::NotFound when there is nothing at all.
Result<> check_folder(const std::string &path);

/// Puts text in place of path in one step: after a crash there is the old file or the new one,
/// never a part. Blocks on the disk.
Result<> replace_file(const std::string &path, const std::string &text, mode_t mode);

} // namespace panto
