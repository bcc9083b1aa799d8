// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/auth/jwt.h"

#include "daemon/auth/bytes.h"
#include "lib/json/json.h"

#include <algorithm>
#include <glib.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace panto::auth
{

namespace
{

using std::chrono::seconds;
using WallTime = std::chrono::system_clock::time_point;

constexpr size_t kMostTokenBytes = 4096; // what a browser sends in a cookie
constexpr size_t kMostKnown = 64;
constexpr int64_t kMostSeconds = 9'000'000'000; // the year 2255: later does not fit a time_point

std::string mac(std::string_view text, std::string_view key)
{
    g_assert(!key.empty());
    unsigned char out[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    const auto *done =
        HMAC(EVP_sha256(), key.data(), int(key.size()),
             reinterpret_cast<const unsigned char *>(text.data()), text.size(), out, &size);
    g_assert(done);
    return {reinterpret_cast<const char *>(out), size};
}

int64_t to_seconds(WallTime time)
{
    return std::chrono::duration_cast<seconds>(time.time_since_epoch()).count();
}

WallTime from_seconds(int64_t count)
{
    return WallTime{seconds{std::clamp<int64_t>(count, 0, kMostSeconds)}};
}

Error denied(const char *why)
{
    return Error{Kind::Denied, why};
}

/// The object that one part of a token spells.
Result<Ref<JsonNode>> part(std::string_view text)
{
    PANTO_TRY(bytes, from_base64url(text));
    return json::parse_object(bytes, {.bytes = kMostTokenBytes, .depth = 4});
}

Result<> check_header(std::string_view text)
{
    auto node = part(text);
    if (!node)
        return denied("malformed token");
    JsonObject *header = json::object(*node);
    if (json::text_at(header, "alg") != "HS256" || json_object_has_member(header, "crit"))
        return denied("not an HS256 token");
    return ok;
}

Result<Claims> read_claims(std::string_view text, WallTime now)
{
    auto node = part(text);
    if (!node)
        return denied("malformed token");
    JsonObject *o = json::object(*node);
    const auto username = json::text_at(o, "username");
    const auto version = json::whole_at(o, "tokenVersion");
    const auto expires = json::whole_at(o, "exp");
    const auto subject = json::text_at(o, "sub");
    if (!username || username->empty() || !version || *version <= 0 || !expires)
        return denied("claim missing");
    if (json_object_has_member(o, "sub") && subject != username)
        return denied("token of two users");
    if (from_seconds(*expires) <= now)
        return denied("token expired");
    if (json_object_has_member(o, "nbf")) {
        const auto begins = json::whole_at(o, "nbf");
        if (!begins || from_seconds(*begins) > now)
            return denied("token not valid yet");
    }
    return Claims{*username, uint64_t(*version), from_seconds(json::whole_at(o, "iat").value_or(0)),
                  from_seconds(*expires)};
}

} // namespace

std::string sign_token(const Claims &claims, std::string_view key)
{
    const std::string header = json::Object{}.add("alg", "HS256").add("typ", "JWT").text();
    const std::string payload = json::Object{}
                                    .add("username", claims.username)
                                    .add("tokenVersion", claims.token_version)
                                    .add("sub", claims.username)
                                    .add("iat", to_seconds(claims.issued))
                                    .add("exp", to_seconds(claims.expires))
                                    .text();
    const std::string text = base64url(header) + "." + base64url(payload);
    return text + "." + base64url(mac(text, key));
}

Result<Claims> verify_token(std::string_view token, std::string_view key, WallTime now)
{
    const auto first = token.find('.');
    const auto last = token.rfind('.');
    if (token.size() > kMostTokenBytes || first == last ||
        token.find('.', first + 1) != last) // three parts, two dots
        return denied("malformed token");
    // The signature first: nothing else in an unsigned token is worth reading.
    auto signature = from_base64url(token.substr(last + 1));
    if (!signature || !equal_in_constant_time(*signature, mac(token.substr(0, last), key)))
        return denied("wrong signature");
    if (auto r = check_header(token.substr(0, first)); !r)
        return std::move(r.error());
    return read_claims(token.substr(first + 1, last - first - 1), now);
}

Result<Claims> TokenReader::read(const std::string &token, WallTime now)
{
    // A guess meets a known token only when all 64 bits of their hashes are the same.
    if (const auto known = known_.find(token); known != known_.end()) {
        if (known->second.expires > now)
            return known->second;
        known_.erase(known);
        return denied("token expired");
    }
    PANTO_TRY(claims, verify_token(token, key_, now));
    if (known_.size() >= kMostKnown)
        known_.clear();
    known_.emplace(token, claims);
    return claims;
}

} // namespace panto::auth
