// SPDX-License-Identifier: LGPL-2.1-or-later
/// The least that libsoup can serve: one small JSON answer at every path, and at /echo a WebSocket
/// that sends back what it gets, on a free loopback port that it prints. What the benchmarks
/// requests and hid compare the daemon with.
#include <cstdio>
#include <cstring>
#include <libsoup/soup.h>

namespace
{

constexpr char kAnswer[] = R"({"code":0,"msg":"success","data":{"version":"PCIE"}})";

void answer(SoupServer *, SoupServerMessage *message, const char *, GHashTable *, gpointer)
{
    soup_server_message_set_status(message, 200, nullptr);
    soup_server_message_set_response(message, "application/json; charset=utf-8", SOUP_MEMORY_STATIC,
                                     kAnswer, sizeof kAnswer - 1);
}

void echo(SoupServer *, SoupServerMessage *, const char *, SoupWebsocketConnection *connection,
          gpointer)
{
    const auto back = +[](SoupWebsocketConnection *to, int type, GBytes *message, gpointer) {
        soup_websocket_connection_send_message(to, SoupWebsocketDataType(type), message);
    };
    g_signal_connect(g_object_ref(connection), "message", G_CALLBACK(back), nullptr);
    g_signal_connect(connection, "closed", G_CALLBACK(g_object_unref), nullptr);
}

} // namespace

int main()
{
    SoupServer *server = soup_server_new("server-header", "bare", nullptr);
    soup_server_add_handler(server, nullptr, answer, nullptr, nullptr);
    soup_server_add_websocket_handler(server, "/echo", nullptr, nullptr, echo, nullptr, nullptr);
    GError *error = nullptr;
    if (!soup_server_listen_local(server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, &error)) {
        std::fprintf(stderr, "%s\n", error->message);
        return 1;
    }
    GSList *uris = soup_server_get_uris(server);
    std::printf("%d\n", g_uri_get_port(static_cast<GUri *>(uris->data)));
    std::fflush(stdout);
    g_main_loop_run(g_main_loop_new(nullptr, FALSE));
}
