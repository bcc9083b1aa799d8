// SPDX-License-Identifier: LGPL-2.1-or-later
/// The half of Sessions that changes accounts.
#include "daemon/auth/bytes.h"
#include "daemon/auth/password.h"
#include "daemon/auth/sessions.h"

#include <algorithm>

namespace panto::auth
{

namespace
{

Error coded(int code, Kind kind, const std::string &message)
{
    return Error{kind, message, code};
}

Error invalid_parameters()
{
    return coded(-1, Kind::Invalid, "invalid parameters");
}

/// A done that gives errors which have no number yet (they come from the disk) this one and its
/// text; the log has the details.
Done<> numbered(int code, const char *message, Done<> done)
{
    return [code, message, done = std::move(done)](Result<> r) {
        if (!r && r.error().code >= 0)
            r = coded(code, Kind::Unavailable, message);
        done(std::move(r));
    };
}

/// The new password in an obfuscated field, by the rules.
Result<std::string> new_password(const std::string &field, int code)
{
    auto decoded = decode_password(field);
    if (!decoded)
        return coded(code, Kind::Invalid, "invalid password");
    if (auto r = check_password(*decoded); !r)
        return coded(code, Kind::Invalid, r.error().message);
    return decoded;
}

/// An edit of one user, who must be there.
Users::Edit edit_user(const std::string &username, int code,
                      std::function<Result<>(User &user, std::vector<User> &users)> edit)
{
    return [username, code, edit = std::move(edit)](std::vector<User> &users) -> Result<> {
        User *user = find_user(users, username);
        if (!user)
            return coded(code, Kind::NotFound, "user not found");
        return edit(*user, users);
    };
}

void take_password(User &user, const std::string &hashed)
{
    user.password = hashed;
    user.must_change_password = false;
    end_sessions(user);
}

bool is_enabled_admin(const User &user)
{
    return user.enabled && user.role == Role::Admin;
}

/// The rules that a change of role or state, or a removal, must keep.
Result<> check_admins_left(const User &changed, bool stays_admin, const std::vector<User> &users)
{
    if (stays_admin)
        return ok;
    if (changed.owner)
        return Error{Kind::Conflict,
                     "the device owner account must remain an enabled administrator"};
    const bool others = std::any_of(users.begin(), users.end(), [&](const User &u) {
        return u.username != changed.username && is_enabled_admin(u);
    });
    if (!others)
        return Error{Kind::Conflict, "at least one enabled admin is required"};
    return ok;
}

constexpr char kUnavailable[] = "authentication unavailable";

} // namespace

void Sessions::check_current(const User &user, const std::string &current, Done<> done)
{
    // A stolen session must not become a place to guess the password from.
    const std::string place = "password of " + user.username;
    const Error wrong = coded(-3, Kind::Denied, "current password is incorrect");
    const auto is_wanted = [this, place, done] {
        const bool locked = throttle_.locked(place);
        if (locked)
            done(coded(-3, Kind::Denied, "too many wrong passwords, please try again later"));
        return !locked;
    };
    auto decoded = decode_password(current);
    if (!decoded)
        return done(wrong);
    if (!is_bcrypt(user.password)) {
        auto stored = decode_password(user.password);
        const bool match = stored && equal_in_constant_time(*stored, *decoded);
        return done(match ? ok : Result<>{wrong});
    }
    const auto finish = [this, place, wrong, done](bool match) {
        match ? throttle_.succeeded(place) : throttle_.failed(place);
        done(match ? ok : Result<>{wrong});
    };
    if (!verifier_.compare({*decoded, user.password, is_wanted, finish}))
        done(coded(-4, Kind::Unavailable, kUnavailable));
}

void Sessions::change_password(const Session &session, const std::string &current,
                               const std::string &wanted, Done<> done)
{
    auto user = users_.find(session.username);
    if (!user)
        return done(user.error().kind == Kind::NotFound
                        ? coded(-2, Kind::NotFound, "invalid session")
                        : coded(-4, Kind::Unavailable, kUnavailable));
    if (wanted.empty())
        return done(invalid_parameters());
    if (current.empty())
        return done(coded(-3, Kind::Denied, "current password is required"));
    auto password = new_password(wanted, -5);
    if (!password)
        return done(std::move(password.error()));

    const auto make_edit = [before = *user](const std::string &hashed) {
        return edit_user(before.username, -2, [before, hashed](User &now, auto &) -> Result<> {
            if (now.password != before.password)
                return coded(-3, Kind::Conflict, "current password is incorrect");
            take_password(now, hashed);
            return ok;
        });
    };
    check_current(*user, current, [this, make_edit, password = *password, done](Result<> r) {
        if (!r)
            return done(std::move(r));
        hash_and_change(password, make_edit, numbered(-4, kUnavailable, done));
    });
}

void Sessions::change_password_legacy(const Session &session, const std::string &username,
                                      const std::string &wanted, Done<> done)
{
    if (!settings_.allow_legacy_password_change || username.empty() || wanted.empty())
        return done(invalid_parameters());
    auto password = new_password(wanted, -2);
    if (!password)
        return done(std::move(password.error()));
    if (auto r = check_username(username); !r && username != session.username)
        return done(coded(-5, Kind::Invalid, r.error().message));

    const auto make_edit = [from = session.username, to = username](const std::string &hashed) {
        return edit_user(from, -5, [from, to, hashed](User &user, auto &users) -> Result<> {
            if (to != from && find_user(users, to))
                return coded(-5, Kind::Conflict, "username already exists");
            user.username = to;
            take_password(user, hashed);
            return ok;
        });
    };
    hash_and_change(*password, make_edit, numbered(-4, kUnavailable, std::move(done)));
}

Result<bool> Sessions::password_is_updated(const Session &session) const
{
    if (disabled())
        return true;
    auto user = users_.find(session.username);
    if (!user)
        return coded(-2, user.error().kind, "failed to get password state");
    return !user->must_change_password;
}

Result<std::vector<User>> Sessions::list_users() const
{
    auto users = users_.all();
    if (!users)
        return coded(-1, users.error().kind, "failed to load users");
    return users;
}

void Sessions::add_user(const std::string &username, const std::string &password,
                        const std::string &role, Done<> done)
{
    if (username.empty() || password.empty() || role.empty())
        return done(invalid_parameters());
    auto decoded = new_password(password, -2);
    if (!decoded)
        return done(std::move(decoded.error()));
    const auto parsed = parse_role(role);
    if (!parsed)
        return done(coded(-3, Kind::Invalid, "invalid role"));
    if (auto r = check_username(username); !r)
        return done(coded(-3, Kind::Invalid, r.error().message));

    const auto make_edit = [username, role = *parsed](const std::string &hashed) -> Users::Edit {
        return [username, role, hashed](std::vector<User> &users) -> Result<> {
            if (find_user(users, username))
                return coded(-3, Kind::Conflict, "username already exists");
            User user{username, hashed, role};
            end_sessions(user); // those of an earlier user of that name
            users.push_back(user);
            return ok;
        };
    };
    hash_and_change(*decoded, make_edit, numbered(-3, kUnavailable, std::move(done)));
}

void Sessions::update_user(const Session &admin, const std::string &username,
                           const std::optional<std::string> &role, std::optional<bool> enabled,
                           Done<> done)
{
    if (!role && !enabled)
        return done(invalid_parameters());
    const auto parsed = role ? parse_role(*role) : std::nullopt;
    if (role && !parsed)
        return done(coded(-2, Kind::Invalid, "invalid role"));

    const auto edit = [self = admin.username, parsed, enabled](User &user,
                                                               auto &users) -> Result<> {
        User changed = user;
        changed.role = parsed.value_or(user.role);
        changed.enabled = enabled.value_or(user.enabled);
        if (user.username == self && !is_enabled_admin(changed))
            return coded(-2, Kind::Conflict, "administrators cannot disable or demote themselves");
        if (auto r = check_admins_left(user, is_enabled_admin(changed), users); !r)
            return coded(-2, r.error().kind, r.error().message);
        if (changed.role != user.role || changed.enabled != user.enabled)
            end_sessions(changed);
        user = changed;
        return ok;
    };
    users_.change(edit_user(username, -2, edit), numbered(-2, kUnavailable, std::move(done)));
}

void Sessions::remove_user(const Session &admin, const std::string &username, Done<> done)
{
    const auto edit = [self = admin.username](User &user, std::vector<User> &users) -> Result<> {
        if (user.username == self)
            return coded(-1, Kind::Conflict, "administrators cannot delete themselves");
        if (auto r = check_admins_left(user, false, users); !r)
            return coded(-1, r.error().kind, r.error().message);
        std::erase_if(users, [name = user.username](const User &u) { return u.username == name; });
        return ok;
    };
    users_.change(edit_user(username, -1, edit), numbered(-1, kUnavailable, std::move(done)));
}

void Sessions::reset_password(const std::string &username, const std::string &password, Done<> done)
{
    if (password.empty())
        return done(invalid_parameters());
    auto decoded = new_password(password, -2);
    if (!decoded)
        return done(std::move(decoded.error()));
    const auto make_edit = [username](const std::string &hashed) {
        return edit_user(username, -2, [hashed](User &user, auto &) -> Result<> {
            if (user.owner)
                return coded(-3, Kind::Conflict, "the device owner must change its own password");
            take_password(user, hashed);
            return ok;
        });
    };
    hash_and_change(*decoded, make_edit, numbered(-4, kUnavailable, std::move(done)));
}

} // namespace panto::auth
