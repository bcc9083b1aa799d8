// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/update/manifest.h"

#include "lib/base/owned.h"
#include "lib/json/json.h"

#include <array>
#include <cstdio>
#include <glib.h>
#include <regex>

namespace panto::update
{

namespace
{

constexpr size_t kSha512Bytes = 64;

Error wrong(const std::string &what)
{
    return Error{Kind::Invalid, "the update server's manifest: " + what};
}

/// Three whole numbers; no version when there are not.
std::optional<std::array<unsigned, 3>> parts_of(const std::string &version)
{
    static const std::regex form{R"((\d{1,6})\.(\d{1,6})\.(\d{1,6}))"};
    std::smatch found;
    if (!std::regex_match(version, found, form))
        return std::nullopt;
    return std::array{unsigned(std::stoul(found[1])), unsigned(std::stoul(found[2])),
                      unsigned(std::stoul(found[3]))};
}

std::string hexadecimal(const std::string &base64)
{
    gsize size = 0;
    const Owned<guchar, g_free> bytes{g_base64_decode(base64.c_str(), &size)};
    std::string out;
    for (size_t i = 0; i < size; ++i) {
        char two[3];
        std::snprintf(two, sizeof two, "%02x", bytes.get()[i]);
        out += two;
    }
    return out;
}

} // namespace

bool is_newer(const std::string &a, const std::string &b)
{
    const auto one = parts_of(a), other = parts_of(b);
    return one && other && *one > *other;
}

bool is_package_name(const std::string &name)
{
    static const std::regex form{R"(pantograph_[A-Za-z0-9.+~-]{1,64}_[a-z0-9]{1,16}\.deb)"};
    return std::regex_match(name, form);
}

Result<Manifest> parse_manifest(const std::string &text)
{
    auto node = json::parse_object(text);
    if (!node)
        return wrong(node.error().message);
    JsonObject *root = json::object(*node);
    Manifest out;
    out.version = json::text_at(root, "version").value_or("");
    out.name = json::text_at(root, "name").value_or("");
    out.sha512 = hexadecimal(json::text_at(root, "sha512").value_or(""));
    const int64_t size = json::whole_at(root, "size_bytes").value_or(0);
    if (!parts_of(out.version))
        return wrong("version is not x.y.z");
    if (!is_package_name(out.name))
        return wrong("name is not that of a package of pantograph");
    if (out.sha512.size() != 2 * kSha512Bytes)
        return wrong("sha512 is not the base64 of a digest");
    if (size < 1 || uint64_t(size) > kMostPackageBytes)
        return wrong("size_bytes is not 1.." + std::to_string(kMostPackageBytes));
    out.size_bytes = uint64_t(size);
    return out;
}

} // namespace panto::update
