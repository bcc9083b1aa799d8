// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/result.h"

#include <string>
#include <string_view>

namespace panto::auth
{

/// Bytes from the kernel's generator.
std::string random_bytes(size_t count);

/// Compares without telling by its duration where the difference is.
bool equal_in_constant_time(std::string_view a, std::string_view b);

/// Base64 with padding (RFC 4648, section 4).
std::string base64(std::string_view bytes);
/// Base64 for URLs, without padding (section 5).
std::string base64url(std::string_view bytes);
/// The bytes; padding may be left off. Kind::Invalid.
Result<std::string> from_base64(std::string_view text);
/// The bytes; padding and bits left over are refused, so that one value has one spelling.
Result<std::string> from_base64url(std::string_view text);

} // namespace panto::auth
