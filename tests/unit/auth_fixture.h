// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/auth/password.h"
#include "daemon/auth/sessions.h"
#include "tests/fakes/folder.h"
#include "tests/fakes/loop.h"

#include <gtest/gtest.h>
#include <optional>

namespace panto::auth
{

constexpr char kOwnWords[] = "my own words";
constexpr unsigned kCheap = 4; // bcrypt's least cost

/// The field a client sends for a password.
inline std::string field(const std::string &password)
{
    return encode_password(password, "saltsalt");
}

/// Sessions on a store of its own with the user "admin", and a clock to turn. Nothing waits:
/// delays are written down.
class AuthTest : public testing::Test
{
protected:
    AuthTest()
    {
        const bool made = bool(users.ensure_owner(kOwnWords));
        EXPECT_TRUE(made);
        start();
    }

    /// Makes the sessions anew, from settings.
    void start()
    {
        sessions.reset();
        SessionsOptions options;
        options.clock = [this] { return now; };
        options.wall = [this] { return wall; };
        options.wait = [this](std::chrono::milliseconds delay, std::function<void()> fn) {
            delays.push_back(delay);
            fn();
        };
        sessions = std::make_unique<Sessions>(users, settings, "a key for tests", options);
        sessions->on_revoked = [this](const std::string &name) { revoked.push_back(name); };
    }

    LoginResult login_field(const std::string &username, const std::string &password_field,
                            const std::string &address = "192.0.2.1")
    {
        std::optional<LoginResult> answer;
        sessions->login(username, password_field, address, [&](LoginResult r) { answer = r; });
        EXPECT_TRUE(run_until([&] { return answer.has_value(); }));
        return answer.value_or(LoginResult{-99});
    }

    LoginResult login(const std::string &username, const std::string &password,
                      const std::string &address = "192.0.2.1")
    {
        return login_field(username, field(password), address);
    }

    /// The session that a login with these gives.
    Session session(const std::string &username = "admin", const std::string &password = kOwnWords)
    {
        const LoginResult r = login(username, password);
        EXPECT_EQ(r.code, 0) << r.msg;
        auto s = sessions->check(r.token);
        EXPECT_TRUE(s);
        return s ? *s : Session{};
    }

    /// Waits for what call(done) gives: "0", or "<code> <message>".
    std::string answer(const std::function<void(Done<>)> &call)
    {
        std::optional<std::string> text;
        call([&](Result<> r) {
            text = r ? "0" : std::to_string(r.error().code) + " " + r.error().message;
        });
        EXPECT_TRUE(run_until([&] { return text.has_value(); }));
        return text.value_or("(never)");
    }

    std::string add_user(const std::string &name, const std::string &role,
                         const std::string &password = "12345678")
    {
        return answer([&](Done<> done) { sessions->add_user(name, field(password), role, done); });
    }

    Folder state;
    Users users{state.path(), kCheap};
    config::Security settings;
    Time now{std::chrono::hours{1}};
    std::chrono::system_clock::time_point wall{std::chrono::seconds{1'790'000'000}};
    std::vector<std::chrono::milliseconds> delays;
    std::vector<std::string> revoked;
    std::unique_ptr<Sessions> sessions;
};

} // namespace panto::auth
