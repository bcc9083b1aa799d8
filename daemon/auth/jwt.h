// SPDX-License-Identifier: LGPL-2.1-or-later
/// JSON Web Tokens, HS256 and nothing else.
///
/// Source   RFC 7515, RFC 7519; the NanoKVM server's claims
#pragma once

#include "lib/base/result.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace panto::auth
{

struct Claims {
    std::string username;
    uint64_t token_version = 0; ///< 1..2^53, so that any JSON reader keeps it
    std::chrono::system_clock::time_point issued;
    std::chrono::system_clock::time_point expires;
};

/// The signed token; times are cut to whole seconds.
std::string sign_token(const Claims &claims, std::string_view key);

/// The claims of a token that was signed with key and has not expired. Kind::Denied.
Result<Claims> verify_token(std::string_view token, std::string_view key,
                            std::chrono::system_clock::time_point now);

/// TokenReader: verifies tokens, and knows those again that it found well signed: a client shows
/// the same one with each of its requests.
///
/// Units    knows 64 at the most
class TokenReader
{
public:
    explicit TokenReader(std::string key) : key_{std::move(key)} {}

    /// As verify_token().
    Result<Claims> read(const std::string &token, std::chrono::system_clock::time_point now);
    size_t known() const { return known_.size(); }

private:
    std::string key_;
    std::unordered_map<std::string, Claims> known_;
};

} // namespace panto::auth
