// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gio/gio.h>

namespace panto::http
{

/// A stream over `base`, which it keeps, for libsoup 3.2, which never lets go of a connection that
/// its peer ended between two requests. Such an end closes the socket, and the reader gets a
/// request that makes no sense, for libsoup to refuse to nobody and to close behind. A write to a
/// WebSocket's peer that has gone succeeds: libsoup would end the connection, and give up what the
/// peer said before and nobody has read yet.
///
/// Its property base-iostream is `base`. Closing it closes `base`. Its Peer, which must have been
/// admitted, learns the first byte; the place in the crowd is free when the stream dies.
///
/// Threads  main loop only
GIOStream *ending_stream(GIOStream *base, GSocketAddress *remote);

} // namespace panto::http
