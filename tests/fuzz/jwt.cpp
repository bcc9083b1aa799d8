// SPDX-License-Identifier: LGPL-2.1-or-later
/// A session token: as it comes, and with a right signature, so that the claims are read too.
#include "daemon/auth/jwt.h"
#include "daemon/auth/bytes.h"

#include <cstdint>
#include <glib.h>

using namespace panto::auth;

namespace
{

constexpr char kKey[] = "fuzz";
const std::chrono::system_clock::time_point kNow{std::chrono::seconds{1'790'000'000}};

/// Signs what sign_token() would not: any text.
std::string signature(const std::string &text)
{
    g_autofree char *hex =
        g_compute_hmac_for_string(G_CHECKSUM_SHA256, reinterpret_cast<const guchar *>(kKey),
                                  sizeof kKey - 1, text.data(), text.size());
    std::string mac;
    for (const char *c = hex; *c; c += 2)
        mac += char(g_ascii_xdigit_value(c[0]) * 16 + g_ascii_xdigit_value(c[1]));
    return base64url(mac);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const std::string input{reinterpret_cast<const char *>(data), size};
    g_assert(!verify_token(input, kKey, kNow)); // nobody guesses a signature

    const std::string text = base64url(R"({"alg":"HS256"})") + "." + base64url(input);
    auto claims = verify_token(text + "." + signature(text), kKey, kNow);
    if (claims) {
        g_assert(!claims->username.empty() && claims->token_version > 0);
        g_assert(claims->expires > kNow);
    }
    return 0;
}
