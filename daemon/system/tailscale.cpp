// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/system/tailscale.h"

#include "daemon/system/program.h"
#include "lib/json/json.h"

#include <algorithm>

namespace panto::system
{

namespace
{

constexpr std::chrono::seconds kLongestAnswer{5};
/// What it is told itself; that is less than it gets.
constexpr char kUpFor[] = "--timeout=8s";
constexpr char kLoginFor[] = "--timeout=5s"; // its service goes on waiting for the visitor
constexpr std::chrono::seconds kLongestChange{9};
constexpr std::string_view kVisit = "https://";

Tailscale not_running()
{
    Tailscale t;
    t.state = "notRunning";
    return t;
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
    JsonObject *self = json::object_at(root, "Self");
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
        if (JsonObject *user =
                json::object_at(json::object_at(root, "User"), std::to_string(*id).c_str()))
            t.account = json::text_at(user, "LoginName").value_or("");
    return t;
}

void ask_tailscale(std::function<void(Tailscale)> done)
{
    run({{"tailscale", "status", "--json"}, kLongestAnswer}, [done](Result<Ended> ended) {
        if (!ended && ended.error().kind == Kind::NotFound)
            return done({});
        done(ended && ended->status == 0 ? read_tailscale(ended->output) : not_running());
    });
}

void change_tailscale(const std::string &verb, Done<> done)
{
    Program program{{"tailscale", verb}, kLongestChange};
    if (verb == "up") // names are asked where the device's owner says
        program.arguments.insert(program.arguments.end(), {"--accept-dns=false", kUpFor});
    run_well(program, [done = std::move(done)](Result<std::string> said) {
        done(said ? ok : Result<>{std::move(said.error())});
    });
}

std::string visit_in(const std::string &said)
{
    const auto at = said.find(kVisit);
    if (at == std::string::npos)
        return "";
    const auto end = std::find_if(said.begin() + ptrdiff_t(at), said.end(),
                                  [](unsigned char c) { return c <= ' ' || c > '~'; });
    return {said.begin() + ptrdiff_t(at), end};
}

void login_to_tailscale(Done<std::string> done)
{
    const Program login{
        {"tailscale", "login", "--accept-dns=false", kLoginFor}, kLongestChange, true};
    ask_tailscale([login, done = std::move(done)](const Tailscale &now) {
        if (now.state == "running" || now.state == "stopped")
            return done(std::string{});
        run(login, [done](Result<Ended> ended) {
            if (!ended)
                return done(std::move(ended.error()));
            std::string url = visit_in(ended->output);
            if (url.empty() && ended->status != 0)
                return done(Error{Kind::Internal, "tailscale gave no page to sign in on"});
            done(std::move(url));
        });
    });
}

} // namespace panto::system
