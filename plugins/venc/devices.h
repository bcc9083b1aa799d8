// SPDX-License-Identifier: LGPL-2.1-or-later
/// Whether a vendor's device nodes can be opened, looked at before its library is asked anything.
#pragma once

#include "lib/base/result.h"

#include <vector>

namespace panto::venc
{

/// The first of the nodes, "dev/..." under device_root(), that can be read and written; else what
/// is in the way of one that is there. Always well when devices are not to be looked at.
///
/// Errors   NotFound or Denied, one clause that names the node
Result<> can_open_any(const std::vector<std::string> &nodes);

} // namespace panto::venc
