// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/system/networks.h"

namespace panto::system
{

namespace
{

constexpr char kService[] = "org.freedesktop.NetworkManager";
constexpr char kManager[] = "/org/freedesktop/NetworkManager";
constexpr char kDevice[] = "org.freedesktop.NetworkManager.Device";
constexpr char kConnection[] = "org.freedesktop.NetworkManager.Settings.Connection";
/// The profile that connect_wifi() makes, and changes when it is there.
constexpr char kUuid[] = "6f0ad6f8-5d0c-4f3a-9d5e-70616e746f67";
constexpr char kName[] = "Pantograph Wi-Fi";
constexpr size_t kLongestSsid = 32;
constexpr size_t kShortestPsk = 8, kLongestPsk = 63;
constexpr unsigned kActivated = 2, kDeactivating = 3; // NMActiveConnectionState
constexpr auto kBetweenLooks = std::chrono::milliseconds{500};
constexpr unsigned kLooks = 36; // 18 s

Method manager(const char *name)
{
    return {kService, kManager, kService, name};
}

void add_section(GVariantBuilder &to, const char *name,
                 const std::vector<std::pair<const char *, GVariant *>> &entries)
{
    GVariantBuilder section;
    g_variant_builder_init(&section, G_VARIANT_TYPE("a{sv}"));
    for (const auto &[key, value] : entries)
        g_variant_builder_add(&section, "{sv}", key, value);
    g_variant_builder_add(&to, "{s@a{sv}}", name, g_variant_builder_end(&section));
}

/// a{sa{sv}}
Ref<GVariant> profile(const std::string &ssid, const std::string &password)
{
    GVariantBuilder out;
    g_variant_builder_init(&out, G_VARIANT_TYPE("a{sa{sv}}"));
    add_section(out, "connection",
                {{"id", g_variant_new_string(kName)},
                 {"uuid", g_variant_new_string(kUuid)},
                 {"type", g_variant_new_string("802-11-wireless")}});
    GVariant *name = g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, ssid.data(), ssid.size(), 1);
    add_section(out, "802-11-wireless", {{"ssid", name}});
    if (!password.empty())
        add_section(out, "802-11-wireless-security",
                    {{"key-mgmt", g_variant_new_string("wpa-psk")},
                     {"psk", g_variant_new_string(password.c_str())}});
    add_section(out, "ipv4", {{"method", g_variant_new_string("auto")}});
    add_section(out, "ipv6", {{"method", g_variant_new_string("auto")}});
    return taken(g_variant_builder_end(&out));
}

Result<> check(const std::string &ssid, const std::string &password)
{
    if (ssid.empty() || ssid.size() > kLongestSsid)
        return Error{Kind::Invalid, "ssid must have 1..32 bytes"};
    if (!password.empty() && (password.size() < kShortestPsk || password.size() > kLongestPsk))
        return Error{Kind::Invalid, "password must have 8..63 characters, or none"};
    return ok;
}

std::string access_point(const Wifi &wifi, const std::string &ssid)
{
    for (const auto &one : wifi.reach)
        if (one.ssid == ssid)
            return one.object;
    return "/"; // it may be hidden
}

/// The last object path of an answer.
Result<std::string> path_in(GVariant *answer)
{
    const size_t n = g_variant_n_children(answer);
    const auto last =
        n > 0 ? Ref<GVariant>::adopt(g_variant_get_child_value(answer, n - 1)) : Ref<GVariant>{};
    if (!last || !g_variant_is_of_type(last.get(), G_VARIANT_TYPE_OBJECT_PATH))
        return Error{Kind::Internal, "NetworkManager answered in another way"};
    return std::string{g_variant_get_string(last.get(), nullptr)};
}

Done<Ref<GVariant>> only_whether(Done<> done)
{
    return [done = std::move(done)](Result<Ref<GVariant>> answer) {
        done(answer ? ok : Result<>{std::move(answer.error())});
    };
}

} // namespace

void Networks::look(Done<Objects> done)
{
    bus_.call(
        {kService, "/org/freedesktop", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects"},
        {}, std::move(done));
}

void Networks::settings(const std::string &connection, Done<Ref<GVariant>> done)
{
    bus_.call({kService, connection, kConnection, "GetSettings"}, {},
              [done = std::move(done)](Result<Ref<GVariant>> answer) {
                  if (!answer)
                      return done(std::move(answer.error()));
                  if (!g_variant_is_of_type(answer->get(), G_VARIANT_TYPE("(a{sa{sv}})")))
                      return done(Error{Kind::Internal, "NetworkManager answered in another way"});
                  done(Ref<GVariant>::adopt(g_variant_get_child_value(answer->get(), 0)));
              });
}

void Networks::dns(Done<Dns> done)
{
    look([this, done = std::move(done)](Result<Objects> objects) {
        Dns out;
        if (!objects) {
            out.network = read_kernel();
            return done(std::move(out));
        }
        out.network = read_network(objects->get());
        if (out.network.connection.empty())
            return done(std::move(out));
        settings(out.network.connection,
                 [network = out.network, done](Result<Ref<GVariant>> found) {
                     Dns all = found ? dns_in(found->get()) : Dns{};
                     all.network = network;
                     done(std::move(all));
                 });
    });
}

void Networks::set_dns(const std::vector<std::string> &servers, Done<> done)
{
    if (auto good = check_servers(servers); !good)
        return done(std::move(good));
    look([this, servers, done = std::move(done)](Result<Objects> objects) {
        if (!objects)
            return done(std::move(objects.error()));
        const Network now = read_network(objects->get());
        if (now.connection.empty())
            return done(Error{Kind::NotFound, "there is no network connection"});
        if (servers.empty() && now.dhcp_servers.empty())
            return done(Error{Kind::Unavailable, "no dhcp dns is currently available"});
        settings(now.connection, [this, now, servers, done](Result<Ref<GVariant>> found) {
            if (!found)
                return done(std::move(found.error()));
            const auto changed = with_dns(found->get(), servers);
            // The device takes from it what can change while it is up, name servers among it.
            const auto apply = [this, now, done](Result<> kept) {
                if (!kept)
                    return done(std::move(kept));
                bus_.call({kService, now.device, kDevice, "Reapply"},
                          taken(g_variant_new_parsed("(@a{sa{sv}} {}, @t 0, @u 0)")),
                          only_whether(done));
            };
            bus_.call({kService, now.connection, kConnection, "Update"},
                      taken(g_variant_new("(@a{sa{sv}})", changed.get())), only_whether(apply));
        });
    });
}

void Networks::wifi(Done<Wifi> done)
{
    look([done = std::move(done)](Result<Objects> objects) {
        done(objects ? Result<Wifi>{read_wifi(objects->get())} : std::move(objects.error()));
    });
}

void Networks::connect_wifi(const std::string &ssid, const std::string &password, Done<> done)
{
    if (auto good = check(ssid, password); !good)
        return done(std::move(good));
    if (connecting_)
        return done(Error{Kind::Busy, "another connection is being made"});
    connecting_ = true;
    const Done<> over = [weak = self_.weak(), done = std::move(done)](Result<> r) {
        if (auto *self = alive(weak))
            self->connecting_ = false;
        done(std::move(r));
    };
    wifi([this, ssid, password, over](Result<Wifi> wifi) {
        if (!wifi || wifi->device.empty())
            return over(wifi ? Error{Kind::NotFound, "this device has no Wi-Fi"}
                             : std::move(wifi.error()));
        activate(*wifi, access_point(*wifi, ssid), profile(ssid, password),
                 [this, over](Result<Ref<GVariant>> made) {
                     auto active =
                         made ? path_in(made->get()) : Result<std::string>{std::move(made.error())};
                     if (!active)
                         return over(std::move(active.error()));
                     wait_for(*active, kLooks, over);
                 });
    });
}

/// Changes our profile, or adds it, and has the device use it.
void Networks::activate(const Wifi &wifi, const std::string &point, Ref<GVariant> profile,
                        Done<Ref<GVariant>> done)
{
    const auto add = [this, wifi, point, profile, done] {
        bus_.call(manager("AddAndActivateConnection"),
                  taken(g_variant_new("(@a{sa{sv}}oo)", profile.get(), wifi.device.c_str(),
                                      point.c_str())),
                  done);
    };
    const auto use = [this, wifi, point, done](const std::string &connection) {
        bus_.call(
            manager("ActivateConnection"),
            taken(g_variant_new("(ooo)", connection.c_str(), wifi.device.c_str(), point.c_str())),
            done);
    };
    bus_.call({kService, "/org/freedesktop/NetworkManager/Settings",
               "org.freedesktop.NetworkManager.Settings", "GetConnectionByUuid"},
              taken(g_variant_new("(s)", kUuid)),
              [this, add, use, profile, done](Result<Ref<GVariant>> found) {
                  const auto path = found ? path_in(found->get()) : Result<std::string>{""};
                  if (!path || path->empty())
                      return add();
                  bus_.call({kService, *path, kConnection, "Update"},
                            taken(g_variant_new("(@a{sa{sv}})", profile.get())),
                            [use, done, connection = *path](Result<Ref<GVariant>> changed) {
                                if (!changed)
                                    return done(std::move(changed));
                                use(connection);
                            });
              });
}

/// Looks again and again until the connection stands or is gone.
void Networks::wait_for(const std::string &active, unsigned looks, Done<> done)
{
    look([this, active, looks, done = std::move(done)](Result<Objects> objects) {
        if (!objects) {
            objects.error().code = kUnknown;
            return done(std::move(objects.error()));
        }
        const unsigned state = state_of(objects->get(), active);
        if (state == kActivated)
            return done(ok);
        if (state == 0 || state >= kDeactivating)
            return done(Error{Kind::Unavailable, "the network refused: wrong password, or out of "
                                                 "reach"});
        if (looks == 0)
            return done(Error{Kind::Timeout, "the network did not answer within 18 s"});
        pause_ = after(kBetweenLooks,
                       [this, active, looks, done] { wait_for(active, looks - 1, done); });
    });
}

void Networks::disconnect_wifi(Done<> done)
{
    wifi([this, done = std::move(done)](Result<Wifi> wifi) {
        if (!wifi || wifi->device.empty())
            return done(wifi ? Error{Kind::NotFound, "this device has no Wi-Fi"}
                             : std::move(wifi.error()));
        bus_.call({kService, wifi->device, kDevice, "Disconnect"}, {}, only_whether(done));
    });
}

} // namespace panto::system
