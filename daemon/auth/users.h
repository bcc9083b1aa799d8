// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/done.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
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
    std::string
        password; ///< bcrypt; in a migrated store possibly an obfuscated one, see password.h
    Role role = Role::User;
    bool enabled = true;
    uint64_t token_version = 0; ///< a session with another one is over; never 0
    bool must_change_password = false;
    bool owner = false; ///< exactly one user owns the device; always an enabled admin
};

/// Users: the accounts, kept in <state>/pwd.
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
    /// Reads <state_dir>/pwd. cost is bcrypt's (4..31): each step doubles the time.
    explicit Users(const std::string &state_dir, unsigned cost = 10);

    /// Call once before serving; blocks. With no store yet: makes the user "admin" with wanted, or
    /// with a password made up and returned, to be shown once. With a store: gives the owner the
    /// wanted password unless it already has it. An Error leaves the daemon able to run: every
    /// login then answers that authentication is unavailable.
    Result<std::optional<std::string>> ensure_owner(const std::optional<std::string> &wanted);

    /// The user of that exact name; borrowed until the next change. Kind::NotFound, Unavailable.
    Result<const User *> find(const std::string &username) const;
    Result<std::vector<User>> all() const;
    unsigned cost() const { return cost_; }

    /// Edits a copy of the accounts, writes it, then takes it over and calls done on the main loop.
    /// edit may refuse by returning an Error, which goes to done.
    using Edit = std::function<Result<>(std::vector<User> &users)>;
    void change(Edit edit, Done<> done);

    /// The next four check the rules of the house and answer with them. Each ends the sessions it
    /// touches by a new token version.
    void add(const std::string &username, const std::string &hash, Role role, Done<> done);
    void update(const std::string &username, std::optional<Role> role, std::optional<bool> enabled,
                Done<> done);
    void remove(const std::string &username, Done<> done);
    void set_password(const std::string &username, const std::string &hash, Done<> done);
    /// Ends all sessions of a user.
    void revoke(const std::string &username, Done<> done);

private:
    Result<std::vector<User>> load() const;
    void next();

    struct Change {
        Edit edit;
        Done<> done;
    };

    std::string path_;
    unsigned cost_;
    Result<std::vector<User>> users_;
    std::deque<Change> queue_; ///< the front one is being written
    std::shared_ptr<bool> alive_ =
        std::make_shared<bool>(true); ///< answers to a dead object are dropped
};

/// The rule a name breaks, or ok.
Result<> check_username(const std::string &username);
/// The rule a new password breaks, or ok: 8 to 72 bytes.
Result<> check_password(const std::string &password);
/// A password to read out and type: four groups of five, about 99 bits.
std::string make_password();

} // namespace panto::auth
