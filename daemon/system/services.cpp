// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/system/services.h"

#include <cerrno>
#include <cstring>
#include <unistd.h>

namespace panto::system
{

namespace
{

constexpr size_t kMostHostBytes = 64;
constexpr size_t kMostPartBytes = 63;

Method hostnamed(const char *name)
{
    return {"org.freedesktop.hostname1", "/org/freedesktop/hostname1", "org.freedesktop.hostname1",
            name};
}

Method logind(const char *name)
{
    return {"org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager",
            name};
}

Method systemd(const char *name)
{
    return {"org.freedesktop.systemd1", "/org/freedesktop/systemd1",
            "org.freedesktop.systemd1.Manager", name};
}

Method avahi(const char *name)
{
    return {"org.freedesktop.Avahi", "/", "org.freedesktop.Avahi.Server", name, false,
            std::chrono::seconds{1}};
}

GVariant *strings(const std::vector<std::string> &units)
{
    std::vector<const char *> names;
    for (const std::string &unit : units)
        names.push_back(unit.c_str());
    return g_variant_new_strv(names.data(), gssize(names.size()));
}

/// The one text of an answer.
Result<std::string> text_in(const Result<Ref<GVariant>> &answer, const char *service)
{
    if (!answer)
        return answer.error();
    if (!g_variant_is_of_type(answer->get(), G_VARIANT_TYPE("(s)")))
        return Error{Kind::Internal, std::string{service} + " answered in another way"};
    const char *text = nullptr;
    g_variant_get(answer->get(), "(&s)", &text);
    return std::string{text};
}

bool good_part(const std::string &part)
{
    if (part.empty() || part.size() > kMostPartBytes || part.front() == '-' || part.back() == '-')
        return false;
    for (const char c : part)
        if (!g_ascii_isalnum(c) && c != '-')
            return false;
    return true;
}

} // namespace

Result<> check_hostname(const std::string &name)
{
    const Error bad{Kind::Invalid, "a host name has 1 to 64 letters, digits and hyphens"};
    if (name.empty() || name.size() > kMostHostBytes)
        return bad;
    for (size_t at = 0; at <= name.size();) {
        const size_t end = std::min(name.find('.', at), name.size());
        if (!good_part(name.substr(at, end - at)))
            return bad;
        at = end + 1;
    }
    return ok;
}

Result<std::string> Services::hostname()
{
    char name[kMostHostBytes + 1] = {};
    if (gethostname(name, sizeof name) != 0)
        return Error{Kind::Internal, std::string{"gethostname: "} + std::strerror(errno)};
    return std::string{name};
}

void Services::set_hostname(const std::string &name, Done<> done)
{
    if (auto good = check_hostname(name); !good)
        return done(std::move(good));
    const auto arguments = taken(g_variant_new("(sb)", name.c_str(), FALSE));
    const auto now = [this, arguments, done = std::move(done)](Result<> kept) {
        if (!kept)
            return done(std::move(kept));
        run({{hostnamed("SetHostname"), arguments}}, [done](Result<> set) {
            if (!set)
                set.error().code = kOnlyLater;
            done(std::move(set));
        });
    };
    run({{hostnamed("SetStaticHostname"), arguments}}, now);
}

void Services::mdns_name(Done<std::string> done)
{
    bus_.call(avahi("GetHostNameFqdn"), {}, [done = std::move(done)](Result<Ref<GVariant>> answer) {
        done(text_in(answer, "Avahi"));
    });
}

void Services::reboot(Done<> done)
{
    run({{logind("Reboot"), taken(g_variant_new("(b)", FALSE))}}, std::move(done));
}

void Services::is_enabled(const std::string &unit, Done<bool> done)
{
    bus_.call(systemd("GetUnitFileState"), taken(g_variant_new("(s)", unit.c_str())),
              [done = std::move(done)](Result<Ref<GVariant>> answer) {
                  auto state = text_in(answer, "systemd");
                  state ? done(state->starts_with("enabled")) : done(std::move(state.error()));
              });
}

void Services::enable(const std::vector<std::string> &units, bool on, Done<> done)
{
    std::vector<Step> steps;
    if (on)
        steps.push_back({systemd("EnableUnitFiles"),
                         taken(g_variant_new("(@asbb)", strings(units), FALSE, FALSE))});
    else
        steps.push_back(
            {systemd("DisableUnitFiles"), taken(g_variant_new("(@asb)", strings(units), FALSE))});
    steps.push_back({systemd("Reload")});
    for (const std::string &unit : units)
        steps.push_back({systemd(on ? "StartUnit" : "StopUnit"),
                         taken(g_variant_new("(ss)", unit.c_str(), "replace"))});
    run(std::move(steps), std::move(done));
}

void Services::change(const std::string &unit, const std::string &how, Done<> done)
{
    const char *const name = how == "Start"  ? "StartUnit"
                             : how == "Stop" ? "StopUnit"
                                             : "RestartUnit";
    run({{systemd(name), taken(g_variant_new("(ss)", unit.c_str(), "replace"))}}, std::move(done));
}

/// One after the other; the first that fails ends it.
void Services::run(std::vector<Step> steps, Done<> done)
{
    if (steps.empty())
        return done(ok);
    Step first = std::move(steps.front());
    steps.erase(steps.begin());
    bus_.call(first.method, std::move(first.arguments),
              [this, steps = std::move(steps), done = std::move(done)](Result<Ref<GVariant>> r) {
                  if (!r)
                      return done(std::move(r.error()));
                  run(steps, done);
              });
}

} // namespace panto::system
