// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/auth/jwt.h"
#include "daemon/auth/throttle.h"
#include "daemon/auth/users.h"
#include "daemon/auth/verifier.h"
#include "daemon/config/schema.h"
#include "lib/base/clock.h"
#include "lib/glib/source.h"

#include <chrono>
#include <list>

namespace panto::auth
{

/// Who a token stands for.
struct Session {
    std::string username;
    Role role = Role::User;
    std::chrono::system_clock::time_point expires; ///< when its sockets must end
    uint64_t token_version = 0;
};

/// The answer to a login; code and msg go to the client as they are.
struct LoginResult {
    int code = 0; ///< 0, -1 body, -2 credentials, -3 unavailable, -5 locked out
    std::string msg = "success";
    std::chrono::milliseconds delay{}; ///< how long the answer was held back
    std::string token = {};            ///< for body and cookie when code is 0
};

/// What time it is and how waiting is done: a test has its own.
struct SessionsOptions {
    Clock clock = steady_now;
    std::function<std::chrono::system_clock::time_point()> wall = std::chrono::system_clock::now;
    /// Calls fn once after the delay, on the main loop; null: timeouts that die with Sessions.
    std::function<void(std::chrono::milliseconds delay, std::function<void()> fn)> wait = nullptr;
};

/// Sessions: who gets in, and for how long.
///
/// A session is a signed token; the store can end it early. Passwords are compared on another
/// thread, one at a time, so that guessing cannot take the machine over.
///
/// Errors   Error::code of the account calls is the number the REST door answers with
/// Threads  main loop only
/// Source   the NanoKVM server's login, token and account behaviour
class Sessions
{
public:
    using LoginDone = std::function<void(LoginResult)>;

    /// users must outlive us; its on_revoked is ours.
    Sessions(Users &users, const config::Security &settings, std::string signing_key,
             SessionsOptions options = {});
    ~Sessions();
    Sessions(const Sessions &) = delete;
    Sessions &operator=(const Sessions &) = delete;

    /// Judges a login and calls done when its delay is over. password is the obfuscated field;
    /// pass "" for what a body that could not be read did not say.
    void login(const std::string &username, const std::string &password, const std::string &address,
               LoginDone done);

    /// Who the token stands for. Kind::Denied.
    Result<Session> check(const std::string &token) const;
    /// Takes of these how long sessions to come last, whether a logout ends all, and the lockout;
    /// nothing else.
    void change(const config::Security &settings);
    /// Whether everybody is admin without signing in.
    bool disabled() const { return settings_.authentication == "disable"; }
    /// Life of a session and of its cookie.
    std::chrono::seconds lifetime() const;

    /// Ends all sessions of the user, if the configuration wants that of a logout. Code -1.
    void logout(const Session &session, Done<> done);

    /// Changes the caller's own password; both fields obfuscated. Codes -1..-5.
    void change_password(const Session &session, const std::string &current,
                         const std::string &wanted, Done<> done);
    /// The form of firmware up to 2.5.0: no current password, and it may rename. Code -1 unless
    /// security.allowLegacyPasswordChange is set; else -1, -2, -4, -5.
    void change_password_legacy(const Session &session, const std::string &username,
                                const std::string &wanted, Done<> done);
    /// False only while a built-in default password is in use. Code -2.
    Result<bool> password_is_updated(const Session &session) const;

    /// Code -1.
    Result<std::vector<User>> list_users() const;
    /// Codes -1..-3.
    void add_user(const std::string &username, const std::string &password, const std::string &role,
                  Done<> done);
    /// Codes -1, -2. At least one of role and enabled must be given.
    void update_user(const Session &admin, const std::string &username,
                     const std::optional<std::string> &role, std::optional<bool> enabled,
                     Done<> done);
    /// Code -1.
    void remove_user(const Session &admin, const std::string &username, Done<> done);
    /// Codes -1..-4. Not for the owner, who changes his own.
    void reset_password(const std::string &username, const std::string &password, Done<> done);

    /// Called with the user whose sessions just ended: close their sockets.
    std::function<void(const std::string &username)> on_revoked;

private:
    struct Attempt {
        User user;
        bool is_known = false;
        std::string password;
        std::string address;
        LoginDone done;
    };
    void answer(LoginResult result, LoginDone done);
    void refuse(const std::string &address, const LoginDone &done);
    void judge(Attempt attempt);
    void decide(const Attempt &attempt, bool match);
    void upgrade_password(const User &user, const std::string &password);
    void check_current(const User &user, const std::string &current, Done<> done);
    /// Hashes on another thread, then changes the store with what make_edit gives for the hash.
    void hash_and_change(const std::string &password,
                         std::function<Users::Edit(const std::string &hashed)> make_edit,
                         Done<> done);

    Users &users_;
    config::Security settings_;
    std::string key_;
    mutable TokenReader tokens_; // what it knows again changes no answer
    SessionsOptions options_;
    Throttle throttle_;
    Verifier verifier_;
    std::list<Source> waits_;
    Self<Sessions> self_{this};
};

/// The key that signs tokens: the configured one, else the one kept in <state_dir>/jwt.key, which
/// is made when missing, so that sessions survive a restart. Blocks on the disk.
std::string signing_key(const config::Security &settings, const std::string &state_dir);

} // namespace panto::auth
