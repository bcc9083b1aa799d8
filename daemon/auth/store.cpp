// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/auth/bytes.h"
#include "daemon/auth/users.h"
#include "lib/json/json.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace panto::auth
{

namespace
{

/// 1..2^53: any JSON reader keeps it.
uint64_t random_version()
{
    uint64_t version = 0;
    std::memcpy(&version, random_bytes(sizeof version).data(), sizeof version);
    return (version >> 11) + 1;
}

Error broken(const std::string &why)
{
    return Error{Kind::Invalid, why};
}

bool truth_at(JsonObject *object, const char *name)
{
    return json_object_get_boolean_member_with_default(object, name, FALSE) != FALSE;
}

bool is_truth(JsonObject *object, const char *name)
{
    JsonNode *node = json_object_get_member(object, name);
    return node && JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == G_TYPE_BOOLEAN;
}

Result<User> read_user(JsonObject *o, bool &is_current)
{
    const auto username = json::text_at(o, "username");
    const auto password = json::text_at(o, "password");
    const auto role = parse_role(json::text_at(o, "role").value_or(""));
    if (!username || username->empty() || !password || password->empty())
        return broken("a user without name or password");
    if (!role || !is_truth(o, "enabled"))
        return broken("a user without role or state");
    for (const char *optional : {"mustChangePassword", "systemAccount"}) {
        if (json_object_has_member(o, optional) && !is_truth(o, optional))
            return broken(std::string{optional} + " must be true or false");
    }
    User user;
    user.username = *username;
    user.password = *password;
    user.role = *role;
    user.enabled = truth_at(o, "enabled");
    // A version that is not there or that we could not carry in a token: all sessions end.
    const int64_t version = json::whole_at(o, "tokenVersion").value_or(0);
    is_current = is_current && version > 0;
    user.token_version = version > 0 ? uint64_t(version) : random_version();
    user.must_change_password = truth_at(o, "mustChangePassword");
    user.owner = truth_at(o, "systemAccount");
    return user;
}

/// {"username":...,"password":...}: the one account of older firmware.
Result<Store> read_legacy(JsonObject *o)
{
    const auto username = json::text_at(o, "username");
    const auto password = json::text_at(o, "password");
    if (!username || username->empty() || !password || password->empty())
        return broken("no users in it");
    User owner{*username, *password, Role::Admin, true, random_version()};
    owner.owner = true;
    return Store{{owner}, false};
}

Result<> check_store(std::vector<User> &users)
{
    for (size_t i = 0; i < users.size(); ++i) {
        if (find_user(users, users[i].username) != &users[i])
            return broken("two users of one name");
    }
    const auto owners = std::count_if(users.begin(), users.end(), [](auto &u) { return u.owner; });
    const auto owner = std::find_if(users.begin(), users.end(), [](auto &u) { return u.owner; });
    if (owners != 1 || owner->role != Role::Admin || !owner->enabled)
        return broken("not exactly one owner who is an enabled admin");
    return ok;
}

} // namespace

const char *text(Role role)
{
    return role == Role::Admin ? "admin" : "user";
}

std::optional<Role> parse_role(const std::string &text)
{
    return text == "admin"  ? std::optional{Role::Admin}
           : text == "user" ? std::optional{Role::User}
                            : std::nullopt;
}

const User *find_user(const std::vector<User> &users, const std::string &username)
{
    const auto found = std::find_if(users.begin(), users.end(),
                                    [&](const User &user) { return user.username == username; });
    return found == users.end() ? nullptr : &*found;
}

User *find_user(std::vector<User> &users, const std::string &username)
{
    return const_cast<User *>(find_user(std::as_const(users), username));
}

void end_sessions(User &user)
{
    const uint64_t before = user.token_version;
    do
        user.token_version = random_version();
    while (user.token_version == before);
}

std::string write_store(const std::vector<User> &users)
{
    json::Array list;
    json::Object store;
    store.add("version", 1);
    std::string owner_name, owner_password;
    for (const User &user : users) {
        json::Object o;
        o.add("username", user.username)
            .add("password", user.password)
            .add("role", text(user.role))
            .add("enabled", user.enabled)
            .add("tokenVersion", user.token_version);
        if (user.must_change_password)
            o.add("mustChangePassword", true);
        if (user.owner) {
            o.add("systemAccount", true);
            owner_name = user.username;
            owner_password = user.password;
        }
        list.add(o);
    }
    // The owner once more, where older firmware looks.
    store.add("users", list).add("username", owner_name).add("password", owner_password);
    return store.text() + "\n";
}

Result<Store> read_store(const std::string &text)
{
    PANTO_TRY(node, json::parse_object(text));
    JsonObject *o = json::object(node);
    if (!json_object_has_member(o, "users") && !json_object_has_member(o, "version"))
        return read_legacy(o);
    JsonArray *list = json::array_at(o, "users");
    if (json::whole_at(o, "version") != 1 || !list)
        return broken("not a store of version 1");

    Store store;
    for (unsigned i = 0; i < json_array_get_length(list); ++i) {
        JsonObject *member = json::object_at(list, i);
        if (!member)
            return broken("a user that is no object");
        PANTO_TRY(user, read_user(member, store.is_current));
        store.users.push_back(user);
    }
    if (auto r = check_store(store.users); !r)
        return std::move(r.error());
    return store;
}

} // namespace panto::auth
