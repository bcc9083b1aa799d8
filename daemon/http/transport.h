// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/glib/ref.h"

#include <functional>
#include <gio/gio.h>
#include <string>

PANTO_COUNTED(GTlsCertificate, g_object_ref, g_object_unref)

namespace panto::http
{

/// What a connection is made of, below the layers that libsoup puts on it.
struct Transport {
    GIOStream *io = nullptr;   ///< where bytes go in clear: TLS or the socket
    GSocket *socket = nullptr; ///< the kernel's end; null when there is none
};

/// Borrowed: they live as long as the connection.
Transport transport_of(GIOStream *connection);

/// Keeps what waits in the kernel to be sent short, so that a peer that takes little is sent what
/// is new and not what was seconds ago: with 32 KiB unsent the socket is full. Source: tcp(7),
/// TCP_NOTSENT_LOWAT
void limit_unsent(GSocket *socket);

/// Speaks TLS as the server; done(connection) when both sides agree, on the main loop. A peer that
/// does not get there within 10 s, or at all, is logged and dropped.
void start_tls(GSocketConnection *connection, GTlsCertificate *certificate, const std::string &peer,
               std::function<void(GIOStream *)> done);

} // namespace panto::http
