// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/system/network_state.h"

#include "daemon/system/info.h"
#include "lib/base/file.h"

#include <arpa/inet.h>
#include <cstring>
#include <sstream>

namespace panto::system
{

namespace
{

constexpr char kManager[] = "/org/freedesktop/NetworkManager";
constexpr char kManagerIface[] = "org.freedesktop.NetworkManager";
constexpr char kActive[] = "org.freedesktop.NetworkManager.Connection.Active";
constexpr char kDevice[] = "org.freedesktop.NetworkManager.Device";
constexpr char kWireless[] = "org.freedesktop.NetworkManager.Device.Wireless";
constexpr char kAccessPoint[] = "org.freedesktop.NetworkManager.AccessPoint";
constexpr char kIp4[] = "org.freedesktop.NetworkManager.IP4Config";
constexpr char kDhcp4[] = "org.freedesktop.NetworkManager.DHCP4Config";
constexpr uint32_t kWifiType = 2;    // NMDeviceType
constexpr uint32_t kActivated = 100; // NMDeviceState

using Value = Ref<GVariant>;

Value entry(const Value &dictionary, const std::string &key, const char *type)
{
    if (!dictionary)
        return {};
    return Value::adopt(
        g_variant_lookup_value(dictionary.get(), key.c_str(), G_VARIANT_TYPE(type)));
}

/// All objects and their properties.
class Objects
{
public:
    explicit Objects(GVariant *tuple)
        : all_{g_variant_is_of_type(tuple, G_VARIANT_TYPE("(a{oa{sa{sv}}})"))
                   ? Value::adopt(g_variant_get_child_value(tuple, 0))
                   : Value{}}
    {
    }

    Value get(const std::string &path, const char *interface, const char *name,
              const char *type) const
    {
        return entry(entry(entry(all_, path, "a{sa{sv}}"), interface, "a{sv}"), name, type);
    }
    std::string text(const std::string &path, const char *interface, const char *name) const
    {
        const Value v = get(path, interface, name, "s");
        return v ? g_variant_get_string(v.get(), nullptr) : "";
    }
    /// Another object; "" for none.
    std::string object(const std::string &path, const char *interface, const char *name) const
    {
        const Value v = get(path, interface, name, "o");
        const std::string to = v ? g_variant_get_string(v.get(), nullptr) : "";
        return to == "/" ? "" : to;
    }
    std::vector<std::string> objects(const std::string &path, const char *interface,
                                     const char *name) const
    {
        std::vector<std::string> out;
        const Value v = get(path, interface, name, "ao");
        for (size_t i = 0; v && i < g_variant_n_children(v.get()); ++i) {
            const Value one = Value::adopt(g_variant_get_child_value(v.get(), i));
            out.emplace_back(g_variant_get_string(one.get(), nullptr));
        }
        return out;
    }
    uint32_t number(const std::string &path, const char *interface, const char *name) const
    {
        const Value v = get(path, interface, name, "u");
        return v ? g_variant_get_uint32(v.get()) : 0;
    }

private:
    Value all_;
};

std::string mask_of(unsigned length)
{
    const in_addr mask{htonl(length == 0 ? 0 : ~uint32_t(0) << (32 - std::min(length, 32u)))};
    char text[INET_ADDRSTRLEN] = "";
    inet_ntop(AF_INET, &mask, text, sizeof text);
    return text;
}

void set_address(Network &into, const std::string &address, unsigned length)
{
    into.address = address + "/" + std::to_string(length);
    into.mask = mask_of(length);
}

std::vector<std::string> words_of(const std::string &text)
{
    std::istringstream in{text};
    std::vector<std::string> out;
    for (std::string word; in >> word;)
        out.push_back(word);
    return out;
}

/// The "address" of each dictionary in an aa{sv}, and the first one's "prefix".
std::vector<std::string> addresses_in(const Value &list, unsigned *prefix = nullptr)
{
    std::vector<std::string> out;
    for (size_t i = 0; list && i < g_variant_n_children(list.get()); ++i) {
        const Value one = Value::adopt(g_variant_get_child_value(list.get(), i));
        if (const Value address = entry(one, "address", "s"))
            out.emplace_back(g_variant_get_string(address.get(), nullptr));
        if (const Value length = entry(one, "prefix", "u"); length && prefix && i == 0)
            *prefix = g_variant_get_uint32(length.get());
    }
    return out;
}

void read_ip(const Objects &all, const std::string &path, Network &into)
{
    unsigned length = 0;
    const auto own = addresses_in(all.get(path, kIp4, "AddressData", "aa{sv}"), &length);
    if (!own.empty())
        set_address(into, own.front(), length);
    into.gateway = all.text(path, kIp4, "Gateway");
    into.servers = addresses_in(all.get(path, kIp4, "NameserverData", "aa{sv}"));
    const Value searches = all.get(path, kIp4, "Searches", "as");
    for (size_t i = 0; searches && i < g_variant_n_children(searches.get()); ++i) {
        const Value one = Value::adopt(g_variant_get_child_value(searches.get(), i));
        into.search.emplace_back(g_variant_get_string(one.get(), nullptr));
    }
}

std::string ssid_of(const Objects &all, const std::string &point)
{
    const Value bytes = all.get(point, kAccessPoint, "Ssid", "ay");
    if (!bytes)
        return "";
    gsize size = 0;
    const auto *data = static_cast<const char *>(g_variant_get_fixed_array(bytes.get(), &size, 1));
    const std::string ssid{data, size};
    return g_utf8_validate(ssid.data(), gssize(ssid.size()), nullptr) ? ssid : "";
}

/// The gateway of the default route through that interface. Source: proc_net_route, IPv4 in the
/// host's byte order.
std::string gateway_of(const std::string &routes, const std::string &interface)
{
    std::istringstream in{routes};
    for (std::string line; std::getline(in, line);) {
        const auto words = words_of(line);
        if (words.size() < 3 || words[0] != interface || words[1] != "00000000")
            continue;
        const in_addr to{uint32_t(std::strtoul(words[2].c_str(), nullptr, 16))};
        char text[INET_ADDRSTRLEN] = "";
        inet_ntop(AF_INET, &to, text, sizeof text);
        return text;
    }
    return "";
}

} // namespace

Network read_network(GVariant *objects)
{
    const Objects all{objects};
    Network out;
    std::string active = all.object(kManager, kManagerIface, "PrimaryConnection");
    if (active.empty())
        for (const std::string &one : all.objects(kManager, kManagerIface, "ActiveConnections"))
            active = active.empty() ? one : active;
    const auto devices = all.objects(active, kActive, "Devices");
    if (devices.empty())
        return out;
    out.device = devices.front();
    out.connection = all.object(active, kActive, "Connection");
    out.interface = all.text(out.device, kDevice, "IpInterface");
    if (out.interface.empty())
        out.interface = all.text(out.device, kDevice, "Interface");
    out.wireless = all.number(out.device, kDevice, "DeviceType") == kWifiType;
    read_ip(all, all.object(active, kActive, "Ip4Config"), out);
    const std::string dhcp = all.object(active, kActive, "Dhcp4Config");
    const Value options = all.get(dhcp, kDhcp4, "Options", "a{sv}");
    if (const Value servers = entry(options, "domain_name_servers", "s"))
        out.dhcp_servers = words_of(g_variant_get_string(servers.get(), nullptr));
    return out;
}

Wifi read_wifi(GVariant *objects)
{
    const Objects all{objects};
    Wifi out;
    for (const std::string &device : all.objects(kManager, kManagerIface, "Devices"))
        if (out.device.empty() && all.number(device, kDevice, "DeviceType") == kWifiType)
            out.device = device;
    out.connected = all.number(out.device, kDevice, "State") == kActivated;
    if (out.connected)
        out.ssid = ssid_of(all, all.object(out.device, kWireless, "ActiveAccessPoint"));
    for (const std::string &point : all.objects(out.device, kWireless, "AccessPoints"))
        out.reach.push_back({ssid_of(all, point), point});
    return out;
}

unsigned state_of(GVariant *objects, const std::string &active)
{
    return Objects{objects}.number(active, kActive, "State");
}

void read_resolv_conf(const std::string &text, Network &into)
{
    std::istringstream in{text};
    for (std::string line; std::getline(in, line);) {
        auto words = words_of(line);
        if (words.size() >= 2 && words[0] == "nameserver")
            into.servers.push_back(words[1]);
        if (words.size() >= 2 && (words[0] == "search" || words[0] == "domain"))
            into.search.assign(words.begin() + 1, words.end());
    }
}

Network read_kernel()
{
    Network out;
    for (const Address &address : info().addresses)
        if (out.interface.empty()) {
            out.interface = address.interface;
            out.wireless = address.wireless;
            set_address(out, address.address, address.prefix);
        }
    if (auto routes = read_file("/proc/net/route"))
        out.gateway = gateway_of(*routes, out.interface);
    if (auto names = read_file("/etc/resolv.conf"))
        read_resolv_conf(*names, out);
    return out;
}

} // namespace panto::system
