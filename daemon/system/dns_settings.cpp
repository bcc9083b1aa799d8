// SPDX-License-Identifier: LGPL-2.1-or-later
/// Name servers in a connection's settings. Source: NetworkManager's ipv4 and ipv6 settings; the
/// addresses are in network byte order.
#include "daemon/system/networks.h"

#include <arpa/inet.h>
#include <array>
#include <cstring>
#include <map>

namespace panto::system
{

namespace
{

using Value = Ref<GVariant>;

struct Family {
    const char *section;
    int family;
    const char *type; ///< of the list of servers
};
constexpr Family kFamilies[] = {{"ipv4", AF_INET, "au"}, {"ipv6", AF_INET6, "aay"}};

Value section_of(GVariant *settings, const char *name)
{
    return Value::adopt(g_variant_lookup_value(settings, name, G_VARIANT_TYPE("a{sv}")));
}

/// One server as an element of that family's list, or nothing.
Value server(const Family &family, const std::string &text)
{
    std::array<uint8_t, sizeof(in6_addr)> bytes{};
    if (inet_pton(family.family, text.c_str(), bytes.data()) != 1)
        return {};
    if (family.family == AF_INET6)
        return taken(g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, bytes.data(), bytes.size(), 1));
    uint32_t number = 0;
    std::memcpy(&number, bytes.data(), sizeof number);
    return taken(g_variant_new_uint32(number));
}

std::string text_of(const Family &family, const Value &element)
{
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (family.family == AF_INET) {
        const uint32_t number = g_variant_get_uint32(element.get());
        return inet_ntop(AF_INET, &number, text.data(), text.size());
    }
    gsize size = 0;
    const void *bytes = g_variant_get_fixed_array(element.get(), &size, 1);
    return size == sizeof(in6_addr) ? inet_ntop(AF_INET6, bytes, text.data(), text.size()) : "";
}

/// The section with another list, and without what would say something else.
GVariant *with_list(const Family &family, const Value &section,
                    const std::vector<std::string> &servers)
{
    GVariantBuilder out, list;
    g_variant_builder_init(&out, G_VARIANT_TYPE("a{sv}"));
    g_variant_builder_init(&list, G_VARIANT_TYPE(family.type));
    bool any = false;
    for (const std::string &text : servers)
        if (const Value one = server(family, text)) {
            g_variant_builder_add_value(&list, one.get());
            any = true;
        }
    GVariantIter at;
    const char *key = nullptr;
    GVariant *value = nullptr;
    g_variant_iter_init(&at, section.get());
    while (g_variant_iter_loop(&at, "{&sv}", &key, &value)) {
        const std::string_view name = key;
        if (name != "dns" && name != "dns-data" && name != "ignore-auto-dns")
            g_variant_builder_add(&out, "{sv}", key, value);
    }
    GVariant *addresses = g_variant_builder_end(&list);
    if (any)
        g_variant_builder_add(&out, "{sv}", "dns", addresses);
    else
        g_variant_unref(g_variant_ref_sink(addresses));
    g_variant_builder_add(&out, "{sv}", "ignore-auto-dns", g_variant_new_boolean(!servers.empty()));
    return g_variant_builder_end(&out);
}

} // namespace

Result<> check_servers(const std::vector<std::string> &servers)
{
    for (const std::string &text : servers)
        if (!server(kFamilies[0], text) && !server(kFamilies[1], text))
            return Error{Kind::Invalid, "invalid dns server: " + text};
    return ok;
}

Ref<GVariant> with_dns(GVariant *settings, const std::vector<std::string> &servers)
{
    GVariantBuilder out;
    g_variant_builder_init(&out, G_VARIANT_TYPE("a{sa{sv}}"));
    GVariantIter at;
    const char *name = nullptr;
    GVariant *section = nullptr;
    g_variant_iter_init(&at, settings);
    while (g_variant_iter_loop(&at, "{&s@a{sv}}", &name, &section)) {
        GVariant *made = nullptr;
        for (const Family &family : kFamilies)
            if (std::string_view{name} == family.section)
                made = with_list(family, Value::share(section), servers);
        g_variant_builder_add(&out, "{s@a{sv}}", name, made ? made : section);
    }
    return taken(g_variant_builder_end(&out));
}

Dns dns_in(GVariant *settings)
{
    Dns out;
    for (const Family &family : kFamilies) {
        const Value section = section_of(settings, family.section);
        if (!section)
            continue;
        gboolean alone = FALSE;
        g_variant_lookup(section.get(), "ignore-auto-dns", "b", &alone);
        const Value list =
            Value::adopt(g_variant_lookup_value(section.get(), "dns", G_VARIANT_TYPE(family.type)));
        for (size_t i = 0; list && i < g_variant_n_children(list.get()); ++i)
            out.servers.push_back(
                text_of(family, Value::adopt(g_variant_get_child_value(list.get(), i))));
        const char *method = nullptr;
        g_variant_lookup(section.get(), "method", "&s", &method);
        const bool fixed = method && std::string_view{method} == "manual";
        out.manual = out.manual || (family.family == AF_INET && (alone || fixed));
    }
    return out;
}

} // namespace panto::system
