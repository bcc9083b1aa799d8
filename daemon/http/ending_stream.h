// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gio/gio.h>

namespace panto::http
{

/// Where a connection stands; lives as long as its peer's address.
struct Turn {
    GSocket *socket = nullptr; ///< lives as long as the stream
    bool between = false;      ///< a request was answered, and nothing of another has come
    bool over = false;         ///< the peer ended it there
};

/// A stream over `base`, which it keeps, for libsoup 3.2, which never lets go of a connection that
/// its peer ended between two requests. Such an end closes the socket, and the reader gets a
/// request that makes no sense, for libsoup to refuse to nobody and to close behind.
///
/// Its property base-iostream is `base`. Closing it closes `base`.
///
/// Threads  main loop only
GIOStream *ending_stream(GIOStream *base, GSocketAddress *remote);

/// Of the connection with this peer; nullptr when it has no such stream.
Turn *turn_of(GSocketAddress *remote);

} // namespace panto::http
