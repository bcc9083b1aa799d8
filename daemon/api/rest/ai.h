// SPDX-License-Identifier: LGPL-2.1-or-later
/// What the doors to AI control share.
#pragma once

#include "daemon/agent/control.h"
#include "daemon/api/rest/envelope.h"

namespace panto::api
{

/// Failures of these routes come without the envelope; a code is a number or a word.
inline http::Response ai_failure(const json::Value &code, const std::string &message)
{
    http::Response r;
    r.why = message;
    r.body = json::Object{}.add("code", code).add("message", message).text();
    return r;
}

json::Object picoclaw_status(const agent::Control &control);

} // namespace panto::api
