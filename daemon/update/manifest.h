// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/result.h"

#include <cstdint>
#include <string>

namespace panto::update
{

/// What an update server says of its newest package: latest.json, an object with `version` (x.y.z),
/// `name` (pantograph_VERSION_ARCHITECTURE.deb, beside latest.json), `sha512` (base64 of the
/// digest) and `size_bytes`.
struct Manifest {
    std::string version;
    std::string name;
    std::string sha512; ///< hexadecimal
    uint64_t size_bytes = 0;
};

constexpr size_t kMostManifestBytes = 64 << 10;
constexpr uint64_t kMostPackageBytes = 1 << 30;

/// Invalid names the member that is wrong.
Result<Manifest> parse_manifest(const std::string &text);

/// Whether a file of that name may be a package of ours.
bool is_package_name(const std::string &name);
/// Whether version a, x.y.z, comes after b.
bool is_newer(const std::string &a, const std::string &b);

} // namespace panto::update
