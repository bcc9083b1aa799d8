// SPDX-License-Identifier: LGPL-2.1-or-later
/// The least that libsoup can serve: one small JSON answer at every path, on a free loopback port
/// that it prints. What `./dev bench requests` compares the daemon with.
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

} // namespace

int main()
{
    SoupServer *server = soup_server_new("server-header", "bare", nullptr);
    soup_server_add_handler(server, nullptr, answer, nullptr, nullptr);
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
