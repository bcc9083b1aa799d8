// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/webrtc/ice.h"

#include "daemon/observe/log.h"

namespace panto::webrtc
{

namespace
{

/// As webrtcbin wants it; it takes what is escaped here apart again.
std::string turn_url(const config::Ice &ice)
{
    const auto escaped = [](const std::string &text) {
        char *e = g_uri_escape_string(text.c_str(), nullptr, FALSE);
        const std::string out = e;
        g_free(e);
        return out;
    };
    return "turn://" + escaped(ice.turn_user) + ":" + escaped(ice.turn_cred) + "@" + ice.turn_addr;
}

} // namespace

void set_up_ice(GstElement *webrtc, const config::Ice &ice, const std::string &local_address)
{
    if (!ice.stun.empty())
        g_object_set(webrtc, "stun-server", ("stun://" + ice.stun).c_str(), nullptr);
    if (gboolean added = FALSE; !ice.turn_addr.empty()) {
        g_signal_emit_by_name(webrtc, "add-turn-server", turn_url(ice).c_str(), &added);
        if (!added)
            log_warning("webrtc", "TURN server not used", {{"server", ice.turn_addr}});
    }
    GObject *agent = nullptr, *nice = nullptr;
    g_object_get(webrtc, "ice-agent", &agent, nullptr);
    // Nobody asked to have ports opened in the router. It also delays every answer by 200 ms, and
    // when the viewer goes meanwhile its thread and 19 descriptors stay forever (gupnp-igd 1.2).
    g_object_get(agent, "agent", &nice, nullptr);
    g_object_set(nice, "upnp", FALSE, nullptr);
    g_object_unref(nice);
    if (gboolean added = FALSE; !local_address.empty()) {
        g_signal_emit_by_name(agent, "add-local-ip-address", local_address.c_str(), &added);
        g_object_set(agent, "ice-tcp", FALSE, nullptr);
    }
    g_object_unref(agent);
}

} // namespace panto::webrtc
