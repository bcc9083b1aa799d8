// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/http/route.h"
#include "daemon/storage/storage.h"

#include <variant>

namespace panto::api
{

/// The NanoKVM's upload: a form whose part `file` is an ISO 9660 image. It replaces none, and what
/// comes of it when it breaks off is removed.
std::variant<std::unique_ptr<http::BodySink>, http::Response> open_form(storage::Storage &storage,
                                                                        const http::Request &rq);

} // namespace panto::api
