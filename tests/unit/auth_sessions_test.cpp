// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/auth/jwt.h"
#include "lib/base/file.h"
#include "tests/unit/auth_fixture.h"

#include <sys/stat.h>

using namespace panto;
using namespace panto::auth;
using namespace std::chrono_literals;

namespace
{

using Login = AuthTest;
using SessionTest = AuthTest;
using SigningKey = AuthTest;

constexpr char kLocked[] = "Account locked due to too many failed attempts, please try again later";

} // namespace

TEST_F(Login, GivesATokenAtOnce)
{
    const LoginResult r = login("admin", kOwnWords);
    EXPECT_EQ(r.code, 0);
    EXPECT_EQ(r.msg, "success");
    EXPECT_EQ(r.delay, 0ms);
    EXPECT_TRUE(sessions->check(r.token));
    EXPECT_TRUE(delays.empty());
}

TEST_F(Login, TakesEveryoneWhenAuthenticationIsDisabled)
{
    settings.authentication = "disable";
    start();
    const LoginResult r = login_field("", "");
    EXPECT_EQ(r.code, 0);
    EXPECT_EQ(r.token, "disabled");
    EXPECT_EQ(r.delay, 0ms);
    auto s = sessions->check("anything");
    ASSERT_TRUE(s);
    EXPECT_EQ(s->username, "admin");
    EXPECT_EQ(s->role, Role::Admin);
}

TEST_F(Login, RefusesAnUnreadableBodyAfterThreeSecondsWithoutCounting)
{
    for (int i = 0; i < 10; ++i) {
        const LoginResult r = i % 2 ? login_field("", field(kOwnWords)) : login_field("admin", "");
        EXPECT_EQ(r.code, -1);
        EXPECT_EQ(r.msg, "invalid parameters");
        EXPECT_EQ(r.delay, 3s);
    }
    EXPECT_EQ(delays, std::vector<std::chrono::milliseconds>(10, 3s));
    EXPECT_EQ(login("admin", kOwnWords).code, 0);
}

TEST_F(Login, RefusesBadCredentialsAfterTwoSeconds)
{
    settings.login_max_failures = 100;
    start();
    ASSERT_EQ(add_user("off", "user"), "0");
    ASSERT_EQ(answer([&](Done<> done) {
                  sessions->update_user(session(), "off", std::nullopt, false, done);
              }),
              "0");
    const std::pair<std::string, std::string> bad[] = {
        {"admin", field("wrong words")},
        {"nobody", field(kOwnWords)},
        {"Admin", field(kOwnWords)},
        {"admin ", field(kOwnWords)},
        {"off", field("12345678")},
        {"admin", field("")},
        {"admin", kOwnWords},
        {"admin", "%zz"},
        {"admin", "U2FsdGVkX18="},
        {"admin", field(std::string(kOwnWords) + std::string(1, '\0'))},
    };
    for (const auto &[username, text] : bad) {
        delays.clear();
        const LoginResult r = login_field(username, text);
        EXPECT_EQ(r.code, -2) << username << " " << text;
        EXPECT_EQ(r.msg, "invalid username or password");
        EXPECT_EQ(r.token, "");
        EXPECT_EQ(delays, std::vector<std::chrono::milliseconds>{2s});
    }
}

TEST_F(Login, LocksTheAddressAfterTheLastAllowedFailure)
{
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(login("admin", "wrong words").code, -2) << i;
    delays.clear();
    const LoginResult r = login("admin", kOwnWords);
    EXPECT_EQ(r.code, -5);
    EXPECT_EQ(r.msg, kLocked);
    EXPECT_EQ(delays, std::vector<std::chrono::milliseconds>{3s});
    EXPECT_EQ(login_field("", "").code, -5); // before the body is looked at
    EXPECT_EQ(login("admin", kOwnWords, "192.0.2.2").code, 0);

    now += 60s;
    EXPECT_EQ(login("admin", kOwnWords).code, 0);
}

TEST_F(Login, CountsAFieldThatDoesNotDecode)
{
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(login_field("admin", "nonsense").code, -2);
    EXPECT_EQ(login("admin", kOwnWords).code, -5);
}

TEST_F(Login, NeverLocksWhenTheConfigurationSaysSo)
{
    settings.login_lockout_duration = 0;
    start();
    for (int i = 0; i < 8; ++i)
        EXPECT_EQ(login("admin", "wrong words").code, -2);
    EXPECT_EQ(login("admin", kOwnWords).code, 0);
}

TEST_F(Login, LocksOutGuessesThatCameAllAtOnce)
{
    std::vector<int> codes;
    for (int i = 0; i < 20; ++i)
        sessions->login("admin", field("guess " + std::to_string(i)), "192.0.2.1",
                        [&](LoginResult r) { codes.push_back(r.code); });
    ASSERT_TRUE(run_until([&] { return codes.size() == 20; }));
    EXPECT_EQ(std::count(codes.begin(), codes.end(), -2), 5);
    EXPECT_EQ(std::count(codes.begin(), codes.end(), -5), 15);
}

TEST_F(Login, TurnsAwayWhoWouldWaitTooLong)
{
    std::vector<int> codes;
    const size_t all = Verifier::kMostWaiting + 11;
    for (size_t i = 0; i < all; ++i)
        sessions->login("admin", field("guess"), "192.0.2." + std::to_string(i),
                        [&](LoginResult r) { codes.push_back(r.code); });
    ASSERT_TRUE(run_until([&] { return codes.size() == all; }));
    EXPECT_EQ(std::count(codes.begin(), codes.end(), -3), 10); // one is in work
    EXPECT_EQ(login("admin", kOwnWords).code, 0);
}

TEST_F(Login, IsUnavailableWhenTheStoreIsBroken)
{
    ASSERT_TRUE(replace_file(state / "pwd", "{", 0600));
    Users broken{state.path(), kCheap};
    sessions = std::make_unique<Sessions>(broken, settings, "key",
                                          SessionsOptions{.wait = [&](auto delay, auto fn) {
                                              delays.push_back(delay);
                                              fn();
                                          }});
    const LoginResult r = login("admin", kOwnWords);
    EXPECT_EQ(r.code, -3);
    EXPECT_EQ(r.msg, "authentication unavailable");
    EXPECT_EQ(delays, std::vector<std::chrono::milliseconds>{2s});
    sessions.reset();
}

TEST_F(Login, GivesNothingLastingToWhoIsRemovedMeanwhile)
{
    ASSERT_EQ(add_user("jo", "user"), "0");
    const Session admin = session();
    std::optional<LoginResult> late;
    std::optional<bool> removed;
    sessions->login("jo", field("12345678"), "192.0.2.9", [&](LoginResult l) { late = l; });
    sessions->remove_user(admin, "jo", [&](Result<> r) { removed = bool(r); });
    ASSERT_TRUE(run_until([&] { return late && removed; }));
    EXPECT_TRUE(*removed);
    EXPECT_FALSE(sessions->check(late->token)); // whichever of the two came first
}

TEST_F(Login, UpgradesThePasswordOfAVeryOldStore)
{
    ASSERT_TRUE(replace_file(
        state / "pwd", R"({"username":"jo","password":")" + field("old words") + "\"}", 0600));
    Users old{state.path(), kCheap};
    ASSERT_TRUE(old.ensure_owner(std::nullopt));
    SessionsOptions options;
    options.wall = [this] { return wall; };
    options.wait = [](auto, auto fn) { fn(); };
    sessions = std::make_unique<Sessions>(old, settings, "key", options);

    EXPECT_EQ(login("jo", "new words").code, -2);
    const LoginResult r = login("jo", "old words");
    EXPECT_EQ(r.code, 0);
    ASSERT_TRUE(run_until([&] { return is_bcrypt(old.find("jo")->password); }));
    EXPECT_TRUE(sessions->check(r.token)); // the session goes on
    EXPECT_EQ(login("jo", "old words").code, 0);
    sessions.reset();
}

TEST_F(Login, MayOutliveItsSessions)
{
    bool called = false;
    sessions->login("admin", field(kOwnWords), "192.0.2.1", [&](LoginResult) { called = true; });
    start();
    EXPECT_EQ(login("admin", kOwnWords).code, 0); // runs the loop past the first answer
    EXPECT_FALSE(called);
}

TEST_F(Login, HoldsItsAnswerBackByItself)
{
    sessions = std::make_unique<Sessions>(users, settings, "key");
    std::optional<LoginResult> r;
    sessions->login("", "", "192.0.2.1", [&](LoginResult l) { r = l; });
    EXPECT_FALSE(r.has_value()); // in three seconds
    sessions.reset();            // and never, once it is gone
    EXPECT_FALSE(r.has_value());
}

TEST_F(SessionTest, SaysWhoAndForHowLong)
{
    const Session s = session();
    EXPECT_EQ(s.username, "admin");
    EXPECT_EQ(s.role, Role::Admin);
    EXPECT_EQ(s.expires, wall + 2678400s);
    EXPECT_EQ(s.token_version, users.find("admin")->token_version);
}

TEST_F(SessionTest, EndsWhenItsTimeIsOver)
{
    settings.refresh_token_duration = 60;
    start();
    const std::string token = login("admin", kOwnWords).token;
    wall += 59s;
    EXPECT_TRUE(sessions->check(token));
    wall += 1s;
    auto r = sessions->check(token);
    ASSERT_FALSE(r);
    EXPECT_EQ(r.error().kind, Kind::Denied);
}

TEST_F(SessionTest, IsNotForged)
{
    const auto version = users.find("admin")->token_version;
    EXPECT_TRUE(
        sessions->check(sign_token({"admin", version, wall, wall + 1h}, "a key for tests")));
    EXPECT_FALSE(sessions->check(sign_token({"admin", version, wall, wall + 1h}, "another key")));
    EXPECT_FALSE(
        sessions->check(sign_token({"admin", version + 1, wall, wall + 1h}, "a key for tests")));
    EXPECT_FALSE(
        sessions->check(sign_token({"nobody", version, wall, wall + 1h}, "a key for tests")));
    EXPECT_FALSE(sessions->check(""));
    EXPECT_FALSE(sessions->check("disabled"));
}

TEST_F(SessionTest, EndsWithAllOthersOfTheUserAtLogout)
{
    ASSERT_EQ(add_user("jo", "user"), "0");
    const std::string jo = login("jo", "12345678").token;
    const std::string first = login("admin", kOwnWords).token;
    const std::string second = login("admin", kOwnWords).token;
    EXPECT_EQ(answer([&](Done<> done) { sessions->logout(*sessions->check(first), done); }), "0");
    EXPECT_FALSE(sessions->check(first));
    EXPECT_FALSE(sessions->check(second));
    EXPECT_TRUE(sessions->check(jo));
    EXPECT_EQ(revoked, std::vector<std::string>{"admin"});
}

TEST_F(SessionTest, OutlivesALogoutThatRevokesNothing)
{
    settings.revoke_tokens_on_logout = false;
    settings.secret_key = "configured";
    start();
    const Session s = session();
    EXPECT_EQ(answer([&](Done<> done) { sessions->logout(s, done); }), "0");
    EXPECT_TRUE(revoked.empty());

    settings.secret_key = ""; // then a logout always revokes
    start();
    EXPECT_EQ(answer([&](Done<> done) { sessions->logout(s, done); }), "0");
    EXPECT_EQ(revoked, std::vector<std::string>{"admin"});
}

TEST_F(SessionTest, EndsNoNewerSessionAtALateLogout)
{
    const Session old = session();
    EXPECT_EQ(answer([&](Done<> done) { sessions->logout(old, done); }), "0");
    const std::string fresh = login("admin", kOwnWords).token;
    EXPECT_EQ(answer([&](Done<> done) { sessions->logout(old, done); }), "0");
    EXPECT_TRUE(sessions->check(fresh));
}

TEST_F(SessionTest, GoesOnWhenTheLogoutCannotBeWritten)
{
    const std::string token = login("admin", kOwnWords).token;
    std::filesystem::remove_all(state.path());
    EXPECT_EQ(answer([&](Done<> done) { sessions->logout(*sessions->check(token), done); }),
              "-1 failed to revoke session");
    EXPECT_TRUE(sessions->check(token));
}

TEST_F(SigningKey, IsTheConfiguredOne)
{
    settings.secret_key = "configured";
    EXPECT_EQ(signing_key(settings, state.path()), "configured");
    EXPECT_FALSE(read_file(state / "jwt.key"));
}

TEST_F(SigningKey, IsMadeOnceAndKept)
{
    const std::string made = signing_key(settings, state.path());
    EXPECT_GE(made.size(), 64u);
    EXPECT_EQ(signing_key(settings, state.path()), made);
    struct stat st = {};
    ASSERT_EQ(stat((state / "jwt.key").c_str(), &st), 0);
    EXPECT_EQ(st.st_mode & 0777, 0600u);
}

TEST_F(SigningKey, IsMadeAnewWhenTheKeptOneIsTooShort)
{
    ASSERT_TRUE(replace_file(state / "jwt.key", "short", 0600));
    EXPECT_GE(signing_key(settings, state.path()).size(), 64u);
}

TEST_F(SigningKey, IsNeverEmptyEvenIfItCannotBeKept)
{
    EXPECT_GE(signing_key(settings, "/dev/null/state").size(), 64u);
}
