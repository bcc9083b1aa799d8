// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/storage/drive.h"
#include "lib/base/fd.h"

#include <string>
#include <vector>

namespace panto::storage
{

/// Whether the open image is what lies at one of the paths, whatever the paths are called. Blocks.
bool is_one_of(const Fd &image, const std::vector<std::string> &paths);
/// Whether a medium may be in a drive while the others are in theirs. Two that write to one file
/// system spoil it, and so does one that writes what the other has read: Conflict. Blocks.
Result<> check_alone(const Medium &medium, const std::vector<Medium> &others);

} // namespace panto::storage
