// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/http/request.h"

namespace panto::http
{

/// The fields of a urlencoded or multipart body, and those of the query; the body's win.
std::map<std::string, std::string> form_fields(const Request &rq);
/// The body's values of that name, in any case, as they stand there.
std::vector<std::string> form_values(const Request &rq, const char *name);

} // namespace panto::http
