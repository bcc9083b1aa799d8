// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/api/rest/rest.h"

#include "daemon/api/rest/envelope.h"
#include "daemon/observe/log.h"

namespace panto::api
{

namespace
{

using auth::Sessions;
using http::Reply;
using http::Request;
using http::Role;

struct NewUser {
    std::string username, password, role;
};
constexpr Field<NewUser> kNewUser[] = {
    required<NewUser>({"username", "1 to 32 letters, digits, or _ . -", &NewUser::username}),
    required<NewUser>({"password", "8 to 72 bytes, obfuscated", &NewUser::password}),
    required<NewUser>({"role", "admin or user", &NewUser::role}),
};

struct UserChange {
    std::string role;
    bool enabled = false;
};
constexpr Field<UserChange> kUserChange[] = {
    {"role", "admin or user; absent: as it is", &UserChange::role},
    {"enabled", "Whether the user gets in; absent: as it is", &UserChange::enabled},
};

struct NewPassword {
    std::string password;
};
constexpr Field<NewPassword> kNewPassword[] = {
    required<NewPassword>({"password", "8 to 72 bytes, obfuscated", &NewPassword::password}),
};

constexpr char kBadBody[] = "invalid parameters";

/// Answers with the code that an Error of auth carries, and tells the log who did it to whom.
Done<> answer(const char *what, const std::string &whom, const Request &rq, const Reply &reply)
{
    return [what, whom, by = rq.principal.user, address = rq.address, reply](Result<> done) {
        if (!done) // http logs what it answers
            return reply(failure(done.error().code ? done.error().code : -1, done.error().message));
        log_message("auth", what, {{"user", whom}, {"by", by}, {"address", address}});
        reply(success());
    };
}

void list(const Sessions &sessions, const Reply &reply)
{
    auto users = sessions.list_users();
    if (!users)
        return reply(failure(users.error().code, users.error().message));
    json::Array all;
    for (const auth::User &u : *users) {
        json::Object one;
        one.add("username", u.username).add("role", auth::text(u.role)).add("enabled", u.enabled);
        if (u.owner)
            one.add("systemAccount", true);
        all.add(one);
    }
    reply(success(json::Object{}.add("users", all)));
}

void update(Sessions &sessions, const Request &rq, const Reply &reply)
{
    auto session = sessions.check(rq.token);
    auto body = Body::parse(rq);
    auto change = body ? body->read(kUserChange) : Result<UserChange>{body.error()};
    if (!session || !change)
        return reply(failure(-1, kBadBody, session ? change.error().message : "the session ended"));
    const auto role = body->has("role") ? std::optional{change->role} : std::nullopt;
    const auto enabled = body->has("enabled") ? std::optional{change->enabled} : std::nullopt;
    const std::string whom = rq.params.at("username");
    sessions.update_user(*session, whom, role, enabled, answer("user changed", whom, rq, reply));
}

void remove(Sessions &sessions, const Request &rq, const Reply &reply)
{
    auto session = sessions.check(rq.token);
    if (!session)
        return reply(failure(-1, "the session ended"));
    const std::string whom = rq.params.at("username");
    sessions.remove_user(*session, whom, answer("user removed", whom, rq, reply));
}

} // namespace

std::vector<http::Route> users_routes(Sessions &sessions)
{
    const auto all = [&sessions](const Request &, Reply reply) { list(sessions, reply); };
    const auto add = [&sessions](const NewUser &u, const Request &rq, Reply reply) {
        sessions.add_user(u.username, u.password, u.role,
                          answer("user added", u.username, rq, reply));
    };
    const auto change = [&sessions](const Request &rq, Reply reply) {
        update(sessions, rq, reply);
    };
    const auto drop = [&sessions](const Request &rq, Reply reply) { remove(sessions, rq, reply); };
    const auto reset = [&sessions](const NewPassword &p, const Request &rq, Reply reply) {
        const std::string whom = rq.params.at("username");
        sessions.reset_password(whom, p.password,
                                answer("password of a user changed", whom, rq, reply));
    };
    return {
        {"GET", "/api/auth/users", Role::Admin, "Lists the users", all},
        {"POST", "/api/auth/users", Role::Admin, "Adds a user",
         with_body(kNewUser, add, {-1, kBadBody})},
        {"PUT", "/api/auth/users/:username", Role::Admin, "Changes a user’s role, or shuts one out",
         http::Handler{http::Call{change}, documented(kUserChange)}},
        {"DELETE", "/api/auth/users/:username", Role::Admin, "Removes a user", drop},
        {"POST", "/api/auth/users/:username/password", Role::Admin, "Gives a user a new password",
         with_body(kNewPassword, reset, {-1, kBadBody})},
    };
}

} // namespace panto::api
