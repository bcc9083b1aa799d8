// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/http/route.h"
#include "daemon/storage/storage.h"

#include <variant>

namespace panto::api
{

/// The NanoKVM's upload: a form whose part `file` is an ISO 9660 image. When it is whole it
/// replaces one of its name, unless that is in a drive; what comes of it when it breaks off is
/// removed. Nothing else may come beside it: see Downloads.
std::variant<std::unique_ptr<http::BodySink>, http::Response> open_form(storage::Storage &storage,
                                                                        const http::Request &rq);

/// msg is the wire's few words, which clients compare; what stands after a colon is the reason.
http::Response transfer_refusal(const Error &e);

} // namespace panto::api
