// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/http/route.h"
#include "daemon/state/notes.h"
#include "daemon/update/updater.h"

#include <vector>

namespace panto::api
{

/// Version and updates. transferring() is whether an image is on its way: one thing at a time.
std::vector<http::Route> application_routes(update::Updater &updater, state::Notes &notes,
                                            std::function<bool()> transferring);

} // namespace panto::api
