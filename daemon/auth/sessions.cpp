// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/auth/sessions.h"

#include "daemon/auth/bytes.h"
#include "daemon/auth/jwt.h"
#include "daemon/auth/password.h"
#include "daemon/observe/log.h"
#include "lib/base/file.h"
#include "lib/glib/offload.h"

#include <filesystem>
#include <glib.h>

namespace panto::auth
{

namespace
{

using std::chrono::seconds;
using namespace std::chrono_literals;

constexpr char kEverybody[] = "admin"; // who callers are while authentication is disabled
constexpr size_t kKeyBytes = 64;
constexpr size_t kLeastKeyText = 43; // 32 bytes in base64

LoginResult locked_out()
{
    return {-5, "Account locked due to too many failed attempts, please try again later", 3s};
}

LoginResult unavailable()
{
    return {-3, "authentication unavailable", 2s};
}

/// A hash that no password has, as slow to compare with as a real one: who has no account must not
/// be told from who has one by the time it takes.
std::string nobodys_hash(unsigned cost)
{
    char setting[16];
    g_snprintf(setting, sizeof setting, "$2b$%02u$", cost);
    return setting + std::string(53, '.');
}

} // namespace

Sessions::Sessions(Users &users, const config::Security &settings, std::string signing_key,
                   SessionsOptions options)
    : users_{users}, settings_{settings}, key_{std::move(signing_key)}, tokens_{key_},
      options_{std::move(options)}, throttle_{seconds{settings.login_lockout_duration},
                                              settings.login_max_failures, options_.clock}
{
    g_assert(!key_.empty());
    users_.on_revoked = [this](const std::string &username) {
        if (on_revoked)
            on_revoked(username);
    };
}

Sessions::~Sessions()
{
    users_.on_revoked = nullptr;
}

void Sessions::change(const config::Security &settings)
{
    settings_.refresh_token_duration = settings.refresh_token_duration;
    settings_.revoke_tokens_on_logout = settings.revoke_tokens_on_logout;
    throttle_.change(seconds{settings.login_lockout_duration}, settings.login_max_failures);
}

seconds Sessions::lifetime() const
{
    return seconds{settings_.refresh_token_duration};
}

void Sessions::answer(LoginResult result, LoginDone done)
{
    const auto delay = result.delay;
    auto call = [result = std::move(result), done = std::move(done)] { done(result); };
    if (delay == 0ms)
        return call();
    if (options_.wait)
        return options_.wait(delay, std::move(call));
    const auto place = waits_.emplace(waits_.end());
    *place = after(delay, [this, place, call = std::move(call)] {
        const auto last = call; // erasing the source frees this closure
        waits_.erase(place);
        last();
    });
}

/// Bad credentials: counted.
void Sessions::refuse(const std::string &address, const LoginDone &done)
{
    throttle_.failed(address);
    log_message("auth", "login failed", {{"address", address}});
    if (throttle_.locked(address))
        log_warning("auth", "address locked out", {{"address", address}});
    answer({-2, "invalid username or password", 2s}, done);
}

void Sessions::login(const std::string &username, const std::string &password,
                     const std::string &address, LoginDone done)
{
    if (disabled())
        return answer({0, "success", 0ms, "disabled"}, std::move(done));
    if (throttle_.locked(address))
        return answer(locked_out(), std::move(done));
    if (username.empty() || password.empty())
        return answer({-1, "invalid parameters", 3s}, std::move(done));
    auto decoded = decode_password(password);
    if (!decoded || decoded->empty())
        return refuse(address, done);

    auto user = users_.find(username);
    if (!user && user.error().kind != Kind::NotFound)
        return answer(unavailable(), std::move(done));
    const bool is_known = user && user->enabled;
    judge({is_known ? *user : User{}, is_known, *decoded, address, std::move(done)});
}

void Sessions::judge(Attempt attempt)
{
    // A store of very old firmware: the password as the web page sent it.
    const bool is_old = attempt.is_known && !is_bcrypt(attempt.user.password);
    if (is_old) {
        auto stored = decode_password(attempt.user.password);
        return decide(attempt, stored && equal_in_constant_time(*stored, attempt.password));
    }
    const auto shared = std::make_shared<Attempt>(std::move(attempt));
    const bool taken = verifier_.compare(
        {shared->password, shared->is_known ? shared->user.password : nobodys_hash(users_.cost()),
         [this, shared] {
             const bool locked = throttle_.locked(shared->address);
             if (locked) // by the failures that were in front of this one
                 answer(locked_out(), shared->done);
             return !locked;
         },
         [this, shared](bool match) { decide(*shared, match); }});
    if (!taken)
        answer(unavailable(), shared->done);
}

void Sessions::decide(const Attempt &attempt, bool match)
{
    auto user = users_.find(attempt.user.username);
    // The account may have changed while its password was compared.
    if (!match || !attempt.is_known || !user || !user->enabled ||
        user->password != attempt.user.password)
        return refuse(attempt.address, attempt.done);

    throttle_.succeeded(attempt.address);
    if (!is_bcrypt(user->password))
        upgrade_password(*user, attempt.password);
    const auto now = options_.wall();
    log_message("auth", "login", {{"user", user->username}, {"address", attempt.address}});
    answer({0, "success", 0ms,
            sign_token({user->username, user->token_version, now, now + lifetime()}, key_)},
           attempt.done);
}

void Sessions::upgrade_password(const User &user, const std::string &password)
{
    const auto make_edit = [user](const std::string &hashed) -> Users::Edit {
        return [user, hashed](std::vector<User> &users) -> Result<> {
            User *now = find_user(users, user.username);
            if (now && now->password == user.password)
                now->password = hashed;
            return ok;
        };
    };
    hash_and_change(password, make_edit, [](Result<> r) {
        if (!r)
            log_warning("auth", "cannot store the account in its new form: " + r.error().message);
    });
}

void Sessions::hash_and_change(const std::string &password,
                               std::function<Users::Edit(const std::string &hashed)> make_edit,
                               Done<> done)
{
    offload([password, cost = users_.cost()] { return hash_password(password, cost); },
            [weak = self_.weak(), make_edit = std::move(make_edit),
             done = std::move(done)](Result<std::string> hashed) {
                auto *self = alive(weak);
                if (!self)
                    return;
                if (!hashed)
                    return done(std::move(hashed.error()));
                self->users_.change(make_edit(*hashed), done);
            });
}

Result<Session> Sessions::check(const std::string &token) const
{
    if (disabled())
        return Session{kEverybody, Role::Admin, std::chrono::system_clock::time_point::max(), 0};
    PANTO_TRY(claims, tokens_.read(token, options_.wall()));
    auto user = users_.find(claims.username);
    if (!user || !user->enabled || user->token_version != claims.token_version)
        return Error{Kind::Denied, "session ended"};
    return Session{user->username, user->role, claims.expires, user->token_version};
}

void Sessions::logout(const Session &session, Done<> done)
{
    // Without a configured key the wire's server always ends all sessions.
    if (disabled() || !(settings_.revoke_tokens_on_logout || settings_.secret_key.empty()))
        return done(ok);
    users_.change(
        [session](std::vector<User> &users) -> Result<> {
            User *user = find_user(users, session.username);
            if (user && user->token_version == session.token_version)
                end_sessions(*user); // else they have ended already
            return ok;
        },
        [done](Result<> r) {
            if (!r)
                return done(Error{Kind::Unavailable, "failed to revoke session", -1});
            done(ok);
        });
}

std::string signing_key(const config::Security &settings, const std::string &state_dir)
{
    if (!settings.secret_key.empty())
        return settings.secret_key;
    const std::string path = state_dir + "/jwt.key";
    auto kept = read_file(path);
    if (kept && kept->size() >= kLeastKeyText)
        return *kept;
    if (kept || kept.error().kind != Kind::NotFound)
        log_warning("auth", kept ? path + " is too short: all sessions end" : kept.error().message);
    std::string made = base64url(random_bytes(kKeyBytes));
    std::error_code ignored; // writing the file says what is wrong
    std::filesystem::create_directories(state_dir, ignored);
    if (auto r = replace_file(path, made, 0600); !r)
        log_warning("auth", "sessions will end at the next start: " + r.error().message);
    return made;
}

} // namespace panto::auth
