// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/http/request.h"

#include <functional>
#include <libsoup/soup.h>
#include <memory>

namespace panto::http
{

/// Calls `then` with the Reply to the message; parks the message until that is given. Only in a
/// handler of libsoup's.
///
/// A parked message goes with its connection: the answer to who has hung up goes nowhere. Of who
/// has ended its own side only, nobody can tell whether it still reads: it gets its answer, but is
/// asked whether it is there, and makes room for who comes to a full house; and so does who has no
/// session.
///
/// stopped  the server has let go of its connections
void park(SoupServerMessage *message, std::shared_ptr<const bool> stopped,
          const std::function<void(Reply)> &then);

} // namespace panto::http
