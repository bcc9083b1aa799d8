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
Result<std::string> decode_password(std::string_view field);

/// The field a web page would send, before percent-escaping; salt is 8 bytes.
std::string encode_password(const std::string &password, std::string_view salt);

/// bcrypt ("$2b$") with a fresh salt; cost 4..31. Takes about 60 ms at cost 10: never call it on
/// the main loop. Kind::Invalid when bcrypt would not take all of it: over 72 bytes, or a NUL.
Result<std::string> hash_password(const std::string &password, unsigned cost);

/// Whether password is the one hashed. As slow as hash_password(). False for what is no bcrypt.
bool password_matches(const std::string &password, const std::string &hashed);

/// Whether text is a bcrypt hash of a kind that password_matches() reads.
bool is_bcrypt(std::string_view text);

} // namespace panto::auth
