// SPDX-License-Identifier: LGPL-2.1-or-later
/// The password field of a login: whatever decodes must decode again from our own encoding.
#include "daemon/auth/password.h"

#include <cstdint>
#include <glib.h>

using namespace panto::auth;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const std::string field{reinterpret_cast<const char *>(data), size};
    auto password = decode_password(field);
    if (password) {
        auto again = decode_password(encode_password(*password, "saltsalt"));
        g_assert(again && *again == *password);
    }
    is_bcrypt(field);
    return 0;
}
