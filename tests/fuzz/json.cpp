// SPDX-License-Identifier: LGPL-2.1-or-later
/// A JSON body: read, searched, read into fields, and taken for an account store.
#include "daemon/auth/users.h"
#include "lib/json/fields_json.h"

#include <cstdint>
#include <glib.h>

using namespace panto;

namespace
{

struct Body {
    std::string text;
    int number = 0;
    unsigned count = 0;
    bool truth = false;
};

constexpr Field<Body> kBody[] = {
    {"username", "Text", &Body::text},
    {"number", "Any whole number", &Body::number},
    {"tokenVersion", "A bounded number", &Body::count, 1, 100},
    {"enabled", "A truth", &Body::truth},
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const std::string input{reinterpret_cast<const char *>(data), size};
    auto node = json::parse_object(input);
    if (node) {
        JsonObject *object = json::object(*node);
        json::has(object, "users");
        auto body = json::read(object, kBody);
        g_assert(!body || body->count <= 100);
    }
    // Whatever a string holds, its quoted form is JSON that says the same.
    auto quoted = json::parse(json::quoted(input));
    if (quoted && g_utf8_validate_len(input.data(), input.size(), nullptr))
        g_assert(json_node_get_string(quoted->get()) == input);
    g_assert(quoted || input.find('\0') != std::string::npos);

    auto store = auth::read_store(input);
    if (store) {
        auto again = auth::read_store(auth::write_store(store->users));
        g_assert(again && again->users.size() == store->users.size());
    }
    return 0;
}
