// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/done.h"
#include "lib/base/fetch.h"

#include <string>

namespace panto::storage
{

/// What is said of a server that sends whole files only.
constexpr char kNoRanges[] =
    "the server does not serve byte ranges, without which only whole files can be had: upload the "
    "image instead";
std::string no_answer(unsigned timeout_s);

/// Asks a server for one byte of a file: some claim to serve parts of it, but send all of it from
/// its beginning whatever is asked for.
///
/// What comes is the header with which to ask for the parts, so that the server refuses them when
/// another file has come in this one's place; "" when it says nothing to tell them apart by, or
/// nothing at all.
///
/// Source   RFC 9110, 13.1: If-Match, If-Unmodified-Since; 14.2: a server may ignore Range
/// Errors   Unavailable for a server that sends no parts; Timeout
/// Threads  main loop only
void probe_url(const fetch::Start &fetch, const std::string &url, unsigned timeout_s,
               Done<std::string> done);

} // namespace panto::storage
