// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/alive.h"
#include "lib/base/done.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace panto::auth
{

enum class Role { User, Admin };

/// "admin" or "user", as the store and the wire spell it.
const char *text(Role role);
std::optional<Role> parse_role(const std::string &text);

struct User {
    std::string username;
    std::string password; ///< bcrypt; in a store of very old firmware as it came from the web page
    Role role = Role::User;
    bool enabled = true;
    uint64_t token_version = 0; ///< a session with another one is over; never 0
    bool must_change_password = false;
    bool owner = false; ///< exactly one user owns the device; always an enabled admin
};

struct Store {
    std::vector<User> users;
    bool is_current = true; ///< false: of older firmware, or a token version had to be made up
};

/// The file's text, and back. Kind::Invalid for what is no store of a version we know.
std::string write_store(const std::vector<User> &users);
Result<Store> read_store(const std::string &text);

/// Users: the accounts, kept in <state_dir>/pwd.
///
/// A change is written to disk first and counts from then on: when the write fails nothing has
/// changed. Changes queue; each sees the result of the one before.
///
/// Errors   Kind::Unavailable while the store is unreadable: nobody gets in, nothing is overwritten
/// Threads  main loop; the disk is written on another thread
/// Source   the NanoKVM server's account file, version 1
class Users
{
public:
    /// Reads the store. cost is bcrypt's (4..31): each step doubles the time.
    explicit Users(const std::string &state_dir, unsigned cost = 10);

    /// Call once before serving; blocks. With no store yet: makes the user "admin" with wanted, or
    /// with a password made up and returned, to be shown once. With a store: gives the owner the
    /// wanted password unless it already has it. Kind::Invalid when wanted breaks the rules; any
    /// other Error leaves the daemon able to run: every login then answers that authentication is
    /// unavailable.
    Result<std::optional<std::string>> ensure_owner(const std::optional<std::string> &wanted);

    /// A copy of the user of that exact name. Kind::NotFound, Kind::Unavailable.
    Result<User> find(const std::string &username) const;
    /// Kind::Unavailable.
    Result<std::vector<User>> all() const;
    unsigned cost() const { return cost_; }

    /// Edits a copy of the accounts, writes it, then takes it over and calls done on the main loop.
    /// edit may refuse by returning an Error, which goes to done.
    using Edit = std::function<Result<>(std::vector<User> &users)>;
    void change(Edit edit, Done<> done);

    /// Called with each user whose sessions a change has just ended.
    std::function<void(const std::string &username)> on_revoked;

private:
    struct Change {
        Edit edit;
        Done<> done;
    };
    void next();
    void finish(Result<> written, std::vector<User> users, const Done<> &done);
    Result<> create(const std::string &password);
    Result<> give_owner(const std::string &password);
    Result<> save_now(std::vector<User> users);

    std::string path_;
    unsigned cost_;
    Result<Store> store_;
    std::deque<Change> queue_;
    bool writing_ = false;
    Self<Users> self_{this};
};

/// The user of that name among users, or nullptr.
const User *find_user(const std::vector<User> &users, const std::string &username);
User *find_user(std::vector<User> &users, const std::string &username);
/// Ends the user's sessions, once the change is written.
void end_sessions(User &user);

/// The rule a name breaks, or ok.
Result<> check_username(const std::string &username);
/// The rule a new password breaks, or ok: 8 to 72 bytes.
Result<> check_password(const std::string &password);
/// A password to read out and type: four groups of five characters, 99 bits.
std::string make_password();

} // namespace panto::auth
