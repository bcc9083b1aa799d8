// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/auth/users.h"

#include "daemon/auth/bytes.h"
#include "daemon/auth/password.h"
#include "daemon/observe/log.h"
#include "lib/base/file.h"
#include "lib/glib/offload.h"

#include <algorithm>
#include <filesystem>
#include <glib.h>

namespace panto::auth
{

namespace
{

constexpr mode_t kOwnerOnly = 0600;
constexpr size_t kMostNameBytes = 32;
constexpr size_t kLeastPasswordBytes = 8;
constexpr size_t kMostPasswordBytes = 72;                       // bcrypt reads no further
constexpr char kReadable[] = "23456789abcdefghjkmnpqrstuvwxyz"; // no 0 o, 1 l i

Result<Store> load(const std::string &path)
{
    PANTO_TRY(content, read_file(path));
    auto store = read_store(content);
    if (!store)
        return std::move(store.error()).context(path);
    return store;
}

Error no_store()
{
    return Error{Kind::Unavailable, "authentication unavailable"};
}

} // namespace

Users::Users(const std::string &state_dir, unsigned cost)
    : path_{state_dir + "/pwd"}, cost_{cost}, store_{load(path_)}
{
}

Result<std::optional<std::string>> Users::ensure_owner(const std::optional<std::string> &wanted)
{
    if (wanted) {
        if (auto r = check_password(*wanted); !r)
            return std::move(r.error());
    }
    if (store_) {
        if (auto r = wanted ? give_owner(*wanted) : ok; !r)
            return std::move(r.error());
        if (auto r = store_->is_current ? ok : save_now(store_->users); !r)
            return std::move(r.error());
        return std::optional<std::string>{};
    }
    if (store_.error().kind != Kind::NotFound)
        return Error{Kind::Unavailable, store_.error().message};

    const std::string password = wanted ? *wanted : make_password();
    if (auto r = create(password); !r)
        return std::move(r.error());
    if (wanted)
        return std::optional<std::string>{};
    auto users = store_->users;
    users.front().must_change_password = true; // until somebody has chosen one
    if (auto r = save_now(std::move(users)); !r)
        return std::move(r.error());
    return std::optional{password};
}

Result<> Users::create(const std::string &password)
{
    PANTO_TRY(hashed, hash_password(password, cost_));
    User admin{"admin", hashed, Role::Admin};
    admin.owner = true;
    end_sessions(admin);
    return save_now({admin});
}

Result<> Users::give_owner(const std::string &password)
{
    auto users = store_->users;
    const auto owner = std::find_if(users.begin(), users.end(), [](auto &u) { return u.owner; });
    if (password_matches(password, owner->password))
        return ok;
    PANTO_TRY(hashed, hash_password(password, cost_));
    owner->password = hashed;
    owner->must_change_password = false;
    end_sessions(*owner);
    return save_now(std::move(users));
}

Result<> Users::save_now(std::vector<User> users)
{
    std::error_code ignored; // writing the file says what is wrong
    std::filesystem::create_directories(std::filesystem::path{path_}.parent_path(), ignored);
    if (auto r = replace_file(path_, write_store(users), kOwnerOnly); !r)
        return r;
    store_ = Store{std::move(users)};
    return ok;
}

Result<User> Users::find(const std::string &username) const
{
    if (!store_)
        return no_store();
    if (const User *user = find_user(store_->users, username)) // the others are not copied
        return *user;
    return Error{Kind::NotFound, "user not found"};
}

Result<std::vector<User>> Users::all() const
{
    if (!store_)
        return no_store();
    return store_->users;
}

void Users::change(Edit edit, Done<> done)
{
    queue_.push_back({std::move(edit), std::move(done)});
    next();
}

void Users::next()
{
    const auto weak = self_.weak();
    while (alive(weak) && !writing_ && !queue_.empty()) {
        Change change = std::move(queue_.front());
        queue_.pop_front();
        auto users = all();
        auto edited = users ? change.edit(*users) : Result<>{std::move(users.error())};
        if (!edited) {
            change.done(std::move(edited));
            continue;
        }
        writing_ = true;
        const std::string content = write_store(*users);
        const auto write = [path = path_, content] {
            return replace_file(path, content, kOwnerOnly);
        };
        offload(write, [weak, users = *users, done = change.done](Result<> written) {
            if (auto *self = alive(weak))
                self->finish(std::move(written), users, done);
        });
    }
}

void Users::finish(Result<> written, std::vector<User> users, const Done<> &done)
{
    const auto weak = self_.weak();
    if (!written) {
        log_warning("auth", written.error().message);
    } else {
        const auto before = std::exchange(store_->users, std::move(users));
        for (const User &old : before) {
            const User *now = find_user(store_->users, old.username);
            if (on_revoked && (!now || now->token_version != old.token_version))
                on_revoked(old.username);
        }
    }
    done(std::move(written));
    if (!alive(weak))
        return; // done may end us
    writing_ = false;
    next();
}

Result<> check_username(const std::string &username)
{
    const auto is_allowed = [](char c) {
        return g_ascii_isalnum(c) || c == '_' || c == '.' || c == '-';
    };
    if (username.empty() || username.size() > kMostNameBytes || !g_ascii_isalnum(username[0]) ||
        !std::all_of(username.begin(), username.end(), is_allowed))
        return Error{Kind::Invalid, "username must be 1 to 32 letters, digits, or _ . - and begin "
                                    "with a letter or digit"};
    return ok;
}

Result<> check_password(const std::string &password)
{
    if (password.size() < kLeastPasswordBytes || password.size() > kMostPasswordBytes)
        return Error{Kind::Invalid, "password must be between 8 and 72 bytes"};
    if (password.find('\0') != std::string::npos)
        return Error{Kind::Invalid, "invalid password"};
    return ok;
}

std::string make_password()
{
    constexpr unsigned kLetters = sizeof kReadable - 1;
    constexpr unsigned kFair = 256 / kLetters * kLetters; // bytes above would favour some letters
    std::string out;
    for (size_t made = 0; made < 20;) {
        const auto byte = static_cast<unsigned char>(random_bytes(1)[0]);
        if (byte >= kFair)
            continue;
        if (made > 0 && made % 5 == 0)
            out += '-';
        out += kReadable[byte % kLetters];
        ++made;
    }
    return out;
}

} // namespace panto::auth
