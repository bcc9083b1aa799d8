// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/api/rest/rest.h"

#include "daemon/api/rest/envelope.h"
#include "daemon/observe/log.h"

#include <algorithm>

namespace panto::api
{

namespace
{

using http::Reply;
using http::Request;
using http::Role;

struct Login {
    std::string username;
    std::string password;
};
constexpr Field<Login> kLogin[] = {
    {"username", "Account name", &Login::username},
    {"password", "Password, obfuscated (form W or Z)", &Login::password},
};

struct Change {
    std::string username, current, old, password, fresh;
};
constexpr Field<Change> kChange[] = {
    {"currentPassword", "Password in use, obfuscated", &Change::current},
    {"old_password", "Another name for currentPassword", &Change::old},
    {"password", "New password, obfuscated", &Change::password},
    {"new_password", "Another name for password", &Change::fresh},
    {"username", "Account name, as firmware up to 2.5.0 sends it", &Change::username},
};

std::string cookie(const std::string &token, std::chrono::seconds life, bool secure)
{
    return "nano-kvm-token=" + token + "; Path=/; Max-Age=" + std::to_string(life.count()) +
           "; HttpOnly; SameSite=Strict" + (secure ? "; Secure" : "");
}

http::Response with_cookie(http::Response r, const std::string &value)
{
    r.headers.emplace_back("Set-Cookie", value);
    return r;
}

/// Answers with the code an Error of auth carries.
http::Response refused(const Error &e)
{
    return failure(e.code ? e.code : -1, e.message);
}

struct Who {
    std::string user, address;
};

Who who(const Request &rq)
{
    return {rq.principal.user, rq.address};
}

/// For the log, as logins are: who did something to an account, and from where.
void tell(const char *done, const char *failed, const Who &who, const Result<> &result)
{
    if (result)
        log_message("auth", done, {{"user", who.user}, {"address", who.address}});
    else
        log_message(
            "auth", failed,
            {{"user", who.user}, {"address", who.address}, {"why", result.error().message}});
}

} // namespace

std::vector<http::Route> auth_routes(auth::Sessions &sessions)
{
    const auto session_of = [&sessions](const Request &rq) { return sessions.check(rq.token); };

    const auto login = [&sessions](const Request &rq, Reply reply) {
        auto body = Body::parse(rq);
        auto form = body ? body->read(kLogin) : Result<Login>{body.error()};
        const std::string why = form ? "" : "invalid parameters: " + form.error().message;
        const auto done = [&sessions, reply, why, secure = rq.secure](const auth::LoginResult &r) {
            if (r.code != 0)
                return reply(failure(r.code, r.msg, why));
            http::Response in = success(json::Object{}.add("token", r.token));
            reply(sessions.disabled() // a cookie would carry nothing
                      ? std::move(in)
                      : with_cookie(std::move(in), cookie(r.token, sessions.lifetime(), secure)));
        };
        const Login said = form ? *form : Login{}; // an empty one is answered as unreadable
        sessions.login(said.username, said.password, rq.address, done);
    };

    const auto setup = [&sessions](const Request &, Reply reply) {
        const auto users = sessions.list_users();
        const bool due = !sessions.disabled() && users &&
                         std::any_of(users->begin(), users->end(), [](const auth::User &user) {
                             return user.owner && user.must_change_password;
                         });
        reply(success(json::Object{}.add("due", due)));
    };

    const auto logout = [&sessions, session_of](const Request &rq, Reply reply) {
        const std::string gone = cookie("", std::chrono::seconds{0}, rq.secure);
        auto session = session_of(rq);
        if (!session)
            return reply(with_cookie(success(), gone));
        sessions.logout(*session, [reply, gone, who = who(rq)](Result<> done) {
            tell("logout", "logout failed", who, done);
            reply(done ? with_cookie(success(), gone) : failure(-1, "failed to revoke session"));
        });
    };

    const auto account = [](const Request &rq, Reply reply) {
        const bool admin = rq.principal.role == Role::Admin;
        reply(success(json::Object{}
                          .add("username", rq.principal.user)
                          .add("role", admin ? "admin" : "user")));
    };

    const auto updated = [&sessions, session_of](const Request &rq, Reply reply) {
        auto session = session_of(rq);
        if (!session)
            return reply(failure(-1, "invalid session"));
        auto is = sessions.password_is_updated(*session);
        reply(is ? success(json::Object{}.add("isUpdated", *is))
                 : failure(-2, "failed to get password state"));
    };

    const auto change = [&sessions, session_of](const Change &c, const Request &rq, Reply reply) {
        auto session = session_of(rq);
        if (!session)
            return reply(failure(-2, "invalid session"));
        const std::string wanted = c.password.empty() ? c.fresh : c.password;
        const std::string current = c.current.empty() ? c.old : c.current;
        if (wanted.empty())
            return reply(failure(-1, "invalid parameters"));
        const auto done = [reply, secure = rq.secure, who = who(rq)](Result<> r) {
            tell("password changed", "password not changed", who, r);
            reply(r ? with_cookie(success(), cookie("", std::chrono::seconds{0}, secure))
                    : refused(r.error()));
        };
        if (current.empty() && !c.username.empty())
            return sessions.change_password_legacy(*session, c.username, wanted, done);
        sessions.change_password(*session, current, wanted, done);
    };

    return {
        {"POST", "/api/auth/login", Role::Anyone, "Signs in and sets the session cookie", login},
        {"GET", "/api/auth/setup", Role::Anyone,
         "Tells whether the password is still the one made up at the first start", setup},
        {"POST", "/api/auth/logout", Role::User, "Signs out and clears the session cookie",
         without_fields(logout)},
        {"GET", "/api/auth/account", Role::User, "Tells who is signed in", account},
        {"GET", "/api/auth/password", Role::User, "Tells whether the password was ever set",
         updated},
        {"POST", "/api/auth/password", Role::User, "Changes the caller's own password",
         with_body(kChange, change, {-1, "invalid parameters"})},
    };
}

} // namespace panto::api
