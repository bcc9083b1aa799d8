// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/hid/shortcuts.h"

#include "lib/json/json.h"

#include <glib.h>

namespace panto::hid
{

namespace
{

constexpr size_t kMostShortcuts = 100;
constexpr size_t kMostKeys = 16;
constexpr size_t kMostBytes = 64;

std::string make_id()
{
    char *made = g_uuid_string_random();
    std::string id = made;
    g_free(made);
    return id;
}

Result<> check(const std::vector<ShortcutKey> &keys)
{
    if (keys.empty() || keys.size() > kMostKeys)
        return Error{Kind::Invalid, "a shortcut has 1 to 16 keys"};
    for (const ShortcutKey &key : keys)
        if (key.code.empty() || key.code.size() > kMostBytes || key.label.size() > kMostBytes)
            return Error{Kind::Invalid, "a key has a code, and no text of more than 64 bytes"};
    return ok;
}

} // namespace

Shortcuts::Shortcuts(const std::string &stored)
{
    auto node = json::parse_object(stored);
    JsonArray *list = node ? json::array_at(json::object(*node), "shortcuts") : nullptr;
    for (unsigned i = 0; list && i < json_array_get_length(list); ++i) {
        JsonObject *one = json::object_at(list, i);
        JsonArray *keys = one ? json::array_at(one, "keys") : nullptr;
        Shortcut shortcut{one ? json::text_at(one, "id").value_or("") : "", {}};
        for (unsigned k = 0; keys && k < json_array_get_length(keys); ++k)
            if (JsonObject *key = json::object_at(keys, k))
                shortcut.keys.push_back({json::text_at(key, "code").value_or(""),
                                         json::text_at(key, "label").value_or("")});
        if (!shortcut.id.empty() && check(shortcut.keys) && all_.size() < kMostShortcuts)
            all_.push_back(std::move(shortcut));
    }
}

std::string Shortcuts::text() const
{
    json::Array list;
    for (const Shortcut &shortcut : all_) {
        json::Array keys;
        for (const ShortcutKey &key : shortcut.keys)
            keys.add(json::Object{}.add("code", key.code).add("label", key.label));
        list.add(json::Object{}.add("id", shortcut.id).add("keys", keys));
    }
    return json::Object{}.add("shortcuts", list).text();
}

Result<> Shortcuts::add(const std::vector<ShortcutKey> &keys)
{
    if (auto good = check(keys); !good)
        return good;
    if (all_.size() >= kMostShortcuts)
        return Error{Kind::Busy, "there are 100 shortcuts already"};
    all_.push_back({make_id(), keys});
    return ok;
}

Result<> Shortcuts::remove(const std::string &id)
{
    if (std::erase_if(all_, [&](const Shortcut &s) { return s.id == id; }) == 0)
        return Error{Kind::NotFound, "no shortcut has this id"};
    return ok;
}

} // namespace panto::hid
