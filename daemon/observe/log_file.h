// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/result.h"

namespace panto::observe
{

/// Opens the log's file anew by its name, as logrotate asks for once it has renamed it. Nothing
/// that other threads say meanwhile is lost. Does nothing when the log goes to stdout or stderr.
///
/// Errors   Unavailable: it cannot be opened, and the one before is written on
/// Threads  the main loop's
Result<> reopen_log();

} // namespace panto::observe
