// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/system/tailscale.h"

#include "lib/glib/source.h"
#include "lib/json/json.h"

#include <gio/gio.h>
#include <memory>

PANTO_COUNTED(GSubprocess, g_object_ref, g_object_unref)

namespace panto::system
{

namespace
{

constexpr std::chrono::seconds kLongest{5};

struct Asking {
    Ref<GSubprocess> process;
    std::function<void(Tailscale)> done;
    Source deadline;
};

Tailscale not_running()
{
    Tailscale t;
    t.state = "notRunning";
    return t;
}

JsonObject *member(JsonObject *object, const std::string &name)
{
    JsonNode *node = object ? json_object_get_member(object, name.c_str()) : nullptr;
    return node && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : nullptr;
}

void answered(GObject *process, GAsyncResult *result, gpointer data)
{
    const std::unique_ptr<Asking> asking{static_cast<Asking *>(data)};
    GError *error = nullptr;
    char *out = nullptr;
    const bool read =
        g_subprocess_communicate_utf8_finish(G_SUBPROCESS(process), result, &out, nullptr, &error);
    const Owned<char, g_free> text{out};
    g_clear_error(&error);
    const bool good = read && g_subprocess_get_if_exited(G_SUBPROCESS(process)) &&
                      g_subprocess_get_exit_status(G_SUBPROCESS(process)) == 0;
    asking->done(good && out ? read_tailscale(out) : not_running());
}

} // namespace

Tailscale read_tailscale(const std::string &text)
{
    auto node = json::parse_object(text);
    if (!node)
        return not_running();
    JsonObject *root = json::object(*node);
    const std::string backend = json::text_at(root, "BackendState").value_or("");
    Tailscale t;
    t.state = backend == "Running"      ? "running"
              : backend == "NeedsLogin" ? "notLogin"
              : backend == "Stopped"    ? "stopped"
                                        : "notRunning";
    JsonObject *self = member(root, "Self");
    if (!self || t.state == "notRunning" || t.state == "notLogin")
        return t;
    t.name = json::text_at(self, "HostName").value_or("");
    JsonArray *ips = json::array_at(self, "TailscaleIPs");
    if (ips && json_array_get_length(ips) > 0) {
        JsonNode *first = json_array_get_element(ips, 0);
        const char *ip = JSON_NODE_HOLDS_VALUE(first) ? json_node_get_string(first) : nullptr;
        t.ip = ip ? ip : "";
    }
    if (const auto id = json::whole_at(self, "UserID"))
        if (JsonObject *user = member(member(root, "User"), std::to_string(*id)))
            t.account = json::text_at(user, "LoginName").value_or("");
    return t;
}

void ask_tailscale(std::function<void(Tailscale)> done)
{
    const Owned<char, g_free> program{g_find_program_in_path("tailscale")};
    if (!program)
        return done({});
    GError *error = nullptr;
    const char *const arguments[] = {program.get(), "status", "--json", nullptr};
    GSubprocess *process = g_subprocess_newv(
        arguments,
        GSubprocessFlags(G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE),
        &error);
    g_clear_error(&error);
    if (!process)
        return done(not_running());
    auto *asking = new Asking{Ref<GSubprocess>::adopt(process), std::move(done), {}};
    asking->deadline = after(kLongest, [process] { g_subprocess_force_exit(process); });
    g_subprocess_communicate_utf8_async(process, nullptr, nullptr, answered, asking);
}

} // namespace panto::system
