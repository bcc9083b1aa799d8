// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/auth/bytes.h"

#include <algorithm>
#include <glib.h>
#include <openssl/crypto.h>
#include <unistd.h>

namespace panto::auth
{

namespace
{

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

std::string encode(std::string_view bytes, std::string_view last_two)
{
    const std::string digits = std::string{kDigits} + std::string{last_two};
    std::string out;
    unsigned bits = 0, pending = 0; // the low `bits` bits of pending are not written yet
    for (const unsigned char byte : bytes) {
        pending = (pending << 8 | byte) & 0xffff;
        for (bits += 8; bits >= 6; bits -= 6)
            out += digits[pending >> (bits - 6) & 63];
    }
    if (bits > 0)
        out += digits[pending << (6 - bits) & 63];
    return out;
}

Result<std::string> decode(std::string_view text, std::string_view last_two, bool canonical)
{
    std::string out;
    unsigned bits = 0, pending = 0;
    for (const char c : text) {
        size_t digit = kDigits.find(c);
        if (digit == std::string_view::npos && last_two.find(c) != std::string_view::npos)
            digit = kDigits.size() + last_two.find(c);
        if (digit == std::string_view::npos)
            return Error{Kind::Invalid, "not base64"};
        pending = (pending << 6 | unsigned(digit)) & 0xffff;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out += char(pending >> bits & 0xff);
        }
    }
    const bool leftover = (pending & ((1u << bits) - 1)) != 0;
    if (bits == 6 || (canonical && leftover))
        return Error{Kind::Invalid, "not base64"};
    return out;
}

} // namespace

std::string random_bytes(size_t count)
{
    constexpr size_t kMostAtOnce = 256; // getentropy()'s limit
    std::string out(count, '\0');
    for (size_t at = 0; at < count; at += kMostAtOnce)
        g_assert(::getentropy(&out[at], std::min(kMostAtOnce, count - at)) == 0);
    return out;
}

bool equal_in_constant_time(std::string_view a, std::string_view b)
{
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string base64(std::string_view bytes)
{
    std::string out = encode(bytes, "+/");
    out.append((4 - out.size() % 4) % 4, '=');
    return out;
}

std::string base64url(std::string_view bytes)
{
    return encode(bytes, "-_");
}

Result<std::string> from_base64(std::string_view text)
{
    for (int i = 0; i < 2 && text.ends_with('='); ++i)
        text.remove_suffix(1);
    return decode(text, "+/", false);
}

Result<std::string> from_base64url(std::string_view text)
{
    return decode(text, "-_", true);
}

} // namespace panto::auth
