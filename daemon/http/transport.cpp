// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/http/transport.h"

#include "daemon/observe/log.h"
#include "lib/glib/source.h"

#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>

namespace panto::http
{

namespace
{

constexpr auto kHandshakeLimit = std::chrono::seconds{10};
constexpr int kMostUnsentBytes = 32 * 1024;

/// Lives until the handshake's end.
struct Handshake {
    std::string peer;
    std::function<void(GIOStream *)> done;
    Owned<GCancellable, g_object_unref> cancel{g_cancellable_new()};
    Source limit;
};

void ended(GObject *tls, GAsyncResult *result, gpointer data)
{
    const std::unique_ptr<Handshake> handshake{static_cast<Handshake *>(data)};
    GError *raw = nullptr;
    const bool agreed = g_tls_connection_handshake_finish(G_TLS_CONNECTION(tls), result, &raw);
    const Owned<GError, g_error_free> error{raw};
    if (agreed)
        handshake->done(G_IO_STREAM(tls));
    else
        log_info("http", "no TLS", {{"peer", handshake->peer}, {"why", error->message}});
    g_object_unref(tls);
}

} // namespace

Transport transport_of(GIOStream *connection)
{
    Transport found;
    while (connection) {
        if (G_IS_SOCKET_CONNECTION(connection)) {
            found.io = found.io ? found.io : connection;
            found.socket = g_socket_connection_get_socket(G_SOCKET_CONNECTION(connection));
            return found;
        }
        if (G_IS_TLS_CONNECTION(connection))
            found.io = connection;
        const char *name = G_IS_TLS_CONNECTION(connection) ? "base-io-stream" : "base-iostream";
        if (!g_object_class_find_property(G_OBJECT_GET_CLASS(connection), name))
            return found;
        GIOStream *below = nullptr;
        g_object_get(connection, name, &below, nullptr);
        connection = below;
        if (below)
            g_object_unref(below); // the one above keeps it
    }
    return found;
}

void limit_unsent(GSocket *socket)
{
    g_socket_set_option(socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, kMostUnsentBytes, nullptr);
}

void start_tls(GSocketConnection *connection, GTlsCertificate *certificate, const std::string &peer,
               std::function<void(GIOStream *)> done)
{
    GIOStream *tls = g_tls_server_connection_new(G_IO_STREAM(connection), certificate, nullptr);
    if (!tls)
        return;
    // Browsers just close; HTTP says itself where a message ends.
    g_tls_connection_set_require_close_notify(G_TLS_CONNECTION(tls), FALSE);
    auto *handshake = new Handshake{peer, std::move(done)};
    GCancellable *cancel = handshake->cancel.get();
    handshake->limit = after(kHandshakeLimit, [cancel] { g_cancellable_cancel(cancel); });
    g_tls_connection_handshake_async(G_TLS_CONNECTION(tls), G_PRIORITY_DEFAULT, cancel, ended,
                                     handshake);
}

} // namespace panto::http
