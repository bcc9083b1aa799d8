// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/http/stream.h"

#include <sys/socket.h>

namespace panto::http
{

namespace
{

constexpr int kSendBufferBytes = 256 * 1024;

} // namespace

Stream::Stream(GIOStream *connection, std::string head, Sessions *sessions, Lease lease)
    : Session{sessions, std::move(lease)}, connection_{Ref<GIOStream>::adopt(connection)},
      transport_{transport_of(connection)}, head_{std::move(head)}
{
    g_socket_set_timeout(transport_.socket, 0); // an Outlet has a limit of its own
    g_socket_set_option(transport_.socket, SOL_SOCKET, SO_SNDBUF, kSendBufferBytes, nullptr);
    limit_unsent(transport_.socket);
}

Stream::~Stream()
{
    // First: TLS would wait here for a peer that reads nothing to take its goodbye.
    g_socket_shutdown(transport_.socket, TRUE, TRUE, nullptr);
    g_io_stream_close(connection_.get(), nullptr, nullptr);
}

} // namespace panto::http
