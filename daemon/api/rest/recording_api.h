// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/http/route.h"
#include "daemon/recording/recorder.h"
#include "lib/json/json.h"

#include <vector>

namespace panto::api
{

std::vector<http::Route> recording_routes(recording::Recorder &recorder);
/// How it stands, as /api/stream/recording tells it.
json::Object recording_status(const recording::Status &status);

} // namespace panto::api
