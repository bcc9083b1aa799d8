// SPDX-License-Identifier: LGPL-2.1-or-later
/// Between libsoup's connections and the Crowd: who is admitted, and how far each request is.
///
/// Threads  main loop only
#pragma once

#include "daemon/http/crowd.h"

#include <libsoup/soup.h>

namespace panto::http
{

/// Takes a new connection into the crowd until it dies; false when there is no place for it.
bool admit(Crowd &crowd, GSocketConnection *connection, GSocketAddress *remote);

/// Whose request it is; nullptr when the connection is gone.
Guest *guest_of(SoupServerMessage *message);

/// The head has come: waits for the body, and then for nothing more.
void await_body(SoupServerMessage *message);

} // namespace panto::http
