// SPDX-License-Identifier: LGPL-2.1-or-later
/// Passwords as they travel (obfuscated by a key everybody knows) and as they rest (bcrypt).
///
/// Source   the NanoKVM web page's login form; OpenSSL's `enc` file format
#pragma once

#include "lib/base/result.h"

#include <string>
#include <string_view>

namespace panto::auth
{

/// Reads the password field of a login body. Takes both forms in use, percent-escaped or not, with
/// spaces for plus signs, line breaks inside and padding left off. Kind::Invalid for the rest.
Result<std::string> decode(std::string_view field);

/// The field a web page would send, before percent-escaping; salt is 8 bytes.
std::string encode(const std::string &password, std::string_view salt);

/// bcrypt ("$2b$") with a fresh salt; cost 4..31. Takes about 60 ms at cost 10: never call it on
/// the main loop.
Result<std::string> hash(const std::string &password, unsigned cost);

/// Whether password is the one hashed. As slow as hash(). False for a text that is no bcrypt.
bool matches(const std::string &password, const std::string &hashed);

/// Whether text is a bcrypt hash of a kind that matches() reads.
bool is_bcrypt(std::string_view text);

/// Compares without telling by its duration where the difference is.
bool equal_in_constant_time(std::string_view a, std::string_view b);

} // namespace panto::auth
