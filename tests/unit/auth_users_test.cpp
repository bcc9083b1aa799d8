// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/auth/password.h"
#include "daemon/auth/users.h"
#include "lib/base/file.h"
#include "tests/fakes/folder.h"
#include "tests/fakes/loop.h"

#include <gtest/gtest.h>
#include <regex>
#include <set>
#include <sys/stat.h>

using namespace panto;
using namespace panto::auth;

namespace
{

constexpr unsigned kCost = 4;
constexpr char kHash[] = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

class UsersTest : public testing::Test
{
protected:
    void put(const std::string &text) { ASSERT_TRUE(replace_file(state / "pwd", text, 0600)); }

    std::string stored()
    {
        auto text = read_file(state / "pwd");
        return text ? *text : "(none)";
    }

    /// Makes the change and waits for its end: "" or why not.
    std::string change(Users &users, Users::Edit edit)
    {
        std::optional<std::string> answer;
        users.change(std::move(edit), [&](Result<> r) { answer = r ? "" : r.error().message; });
        EXPECT_TRUE(run_until([&] { return answer.has_value(); }));
        return answer.value_or("(never)");
    }

    Folder state;
};

Result<> rename_admin(std::vector<User> &users)
{
    find_user(users, "admin")->username = "root";
    return ok;
}

} // namespace

TEST_F(UsersTest, MakesUpAPasswordAtTheFirstStartAndTellsItOnce)
{
    Users users{state.path(), kCost};
    auto made = users.ensure_owner(std::nullopt);
    ASSERT_TRUE(made) << made.error().message;
    ASSERT_TRUE(made->has_value());
    EXPECT_TRUE(std::regex_match(**made, std::regex{"([2-9a-hjkmnp-z]{5}-){3}[2-9a-hjkmnp-z]{5}"}));
    EXPECT_EQ(stored().find(**made), std::string::npos);

    Users again{state.path(), kCost};
    auto second = again.ensure_owner(std::nullopt);
    ASSERT_TRUE(second) << second.error().message;
    EXPECT_FALSE(second->has_value());
    auto admin = again.find("admin");
    ASSERT_TRUE(admin);
    EXPECT_TRUE(password_matches(**made, admin->password));
    EXPECT_TRUE(admin->owner && admin->enabled && admin->role == Role::Admin);
    EXPECT_TRUE(admin->must_change_password) << "nobody has chosen one yet, also after a restart";
}

TEST_F(UsersTest, TakesTheWantedPasswordAtTheFirstStart)
{
    Users users{state.path(), kCost};
    auto made = users.ensure_owner("my own words");
    ASSERT_TRUE(made);
    EXPECT_FALSE(made->has_value());
    EXPECT_TRUE(password_matches("my own words", users.find("admin")->password));
    EXPECT_FALSE(users.find("admin")->must_change_password);
}

TEST_F(UsersTest, GivesTheOwnerTheWantedPasswordWhenItDiffers)
{
    ASSERT_TRUE(Users(state.path(), kCost).ensure_owner("first words"));
    const std::string before = stored();

    Users same{state.path(), kCost};
    ASSERT_TRUE(same.ensure_owner("first words"));
    EXPECT_EQ(stored(), before); // sessions go on

    Users other{state.path(), kCost};
    const auto version = other.find("admin")->token_version;
    ASSERT_TRUE(other.ensure_owner("other words"));
    EXPECT_TRUE(password_matches("other words", other.find("admin")->password));
    EXPECT_NE(other.find("admin")->token_version, version);
    EXPECT_NE(stored(), before);
}

TEST_F(UsersTest, RefusesAWantedPasswordThatBreaksTheRules)
{
    Users users{state.path(), kCost};
    auto owner = users.ensure_owner("short");
    ASSERT_FALSE(owner);
    EXPECT_EQ(owner.error().kind, Kind::Invalid);
    EXPECT_FALSE(users.ensure_owner(std::string(73, 'x')));
    EXPECT_EQ(stored(), "(none)");
}

TEST_F(UsersTest, KeepTheStoreForTheOwnerOfTheFileOnly)
{
    ASSERT_TRUE(Users(state.path(), kCost).ensure_owner("first words"));
    struct stat st = {};
    ASSERT_EQ(stat((state / "pwd").c_str(), &st), 0);
    EXPECT_EQ(st.st_mode & 0777, 0600u);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator{state.path()}, {}), 1);
}

TEST_F(UsersTest, WriteTheFileThatTheWireKnows)
{
    User admin{"admin", "$2a$10$x", Role::Admin, true, 5, false, true};
    User guest{"guest", "$2a$10$y", Role::User, false, 6, true, false};
    EXPECT_EQ(write_store({admin, guest}),
              R"({"version":1,"users":[)"
              R"({"username":"admin","password":"$2a$10$x","role":"admin","enabled":true,)"
              R"("tokenVersion":5,"systemAccount":true},)"
              R"({"username":"guest","password":"$2a$10$y","role":"user","enabled":false,)"
              R"("tokenVersion":6,"mustChangePassword":true}],)"
              R"("username":"admin","password":"$2a$10$x"})"
              "\n");
}

TEST_F(UsersTest, ReadBackWhatTheyWrote)
{
    User admin{"admin", "x", Role::Admin, true, 1ull << 53, false, true};
    User guest{"guest", "y", Role::User, false, 6, true, false};
    auto store = read_store(write_store({admin, guest}));
    ASSERT_TRUE(store) << store.error().message;
    EXPECT_TRUE(store->is_current);
    EXPECT_EQ(write_store(store->users), write_store({admin, guest}));
}

TEST_F(UsersTest, TakeOverTheFileOfOlderFirmware)
{
    put(std::string{R"({"username":"jo","password":")"} + kHash + "\"}");
    Users users{state.path(), kCost};
    auto made = users.ensure_owner(std::nullopt);
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_FALSE(made->has_value());
    auto jo = users.find("jo");
    ASSERT_TRUE(jo);
    EXPECT_EQ(jo->password, kHash);
    EXPECT_TRUE(jo->owner && jo->enabled && jo->role == Role::Admin);
    EXPECT_NE(jo->token_version, 0u);
    // Written at once: sessions outlive the next start.
    EXPECT_EQ(Users(state.path(), kCost).find("jo")->token_version, jo->token_version);
}

TEST_F(UsersTest, GiveAVersionToWhoHasNoneThatFits)
{
    put(std::string{R"({"version":1,"users":[{"username":"jo","password":")"} + kHash +
        R"(","role":"admin","enabled":true,"tokenVersion":18446744073709551615,)"
        R"("systemAccount":true}]})");
    Users users{state.path(), kCost};
    ASSERT_TRUE(users.ensure_owner(std::nullopt));
    const auto version = users.find("jo")->token_version;
    EXPECT_GT(version, 0u);
    EXPECT_LE(version, 1ull << 53);
    EXPECT_EQ(Users(state.path(), kCost).find("jo")->token_version, version);
}

TEST_F(UsersTest, LeaveABrokenStoreAloneAndLetNobodyIn)
{
    const std::string jo = R"({"username":"jo","password":"x","role":"admin","enabled":true,)"
                           R"("tokenVersion":1,"systemAccount":true})";
    for (const std::string &broken :
         {std::string{}, std::string{"{"}, std::string{"[]"}, std::string{"{}"},
          std::string{R"({"username":"","password":"x"})"}, std::string{R"({"username":"jo"})"},
          R"({"version":2,"users":[)" + jo + "]}", R"({"users":[)" + jo + "]}",
          std::string{R"({"version":1})"}, std::string{R"({"version":1,"users":[]})"},
          std::string{R"({"version":1,"users":[1]})"},
          R"({"version":1,"users":[)" + jo + "," + jo + "]}",
          std::string{R"({"version":1,"users":[{"username":"jo","password":"x",)"
                      R"("role":"god","enabled":true,"systemAccount":true}]})"},
          std::string{R"({"version":1,"users":[{"username":"jo","password":"x",)"
                      R"("role":"user","enabled":true,"systemAccount":true}]})"},
          std::string{R"({"version":1,"users":[{"username":"jo","password":"x",)"
                      R"("role":"admin","enabled":"yes","systemAccount":true}]})"},
          std::string{R"({"version":1,"users":[{"username":"jo","password":"x",)"
                      R"("role":"admin","enabled":true,"systemAccount":1}]})"}}) {
        put(broken);
        Users users{state.path(), kCost};
        auto owner = users.ensure_owner("wanted words");
        ASSERT_FALSE(owner) << broken;
        EXPECT_EQ(owner.error().kind, Kind::Unavailable) << broken;
        auto found = users.find("jo");
        ASSERT_FALSE(found) << broken;
        EXPECT_EQ(found.error().kind, Kind::Unavailable);
        EXPECT_EQ(change(users, [](auto &) { return ok; }), "authentication unavailable");
        EXPECT_EQ(stored(), broken);
    }
}

TEST_F(UsersTest, SayWhyTheStoreCannotBeMade)
{
    Users users{"/proc/no-such-folder", kCost};
    auto made = users.ensure_owner(std::nullopt);
    ASSERT_FALSE(made);
    EXPECT_NE(made.error().message.find("cannot write"), std::string::npos);
    EXPECT_FALSE(users.find("admin"));
}

TEST_F(UsersTest, MakeTheFolderTheyLiveIn)
{
    ASSERT_TRUE(Users(state / "a/b", kCost).ensure_owner("first words"));
    EXPECT_TRUE(Users(state / "a/b", kCost).find("admin"));
}

TEST_F(UsersTest, ChangeOnDiskFirst)
{
    Users users{state.path(), kCost};
    ASSERT_TRUE(users.ensure_owner("first words"));
    EXPECT_EQ(change(users, rename_admin), "");
    EXPECT_TRUE(users.find("root"));
    EXPECT_FALSE(users.find("admin"));
    EXPECT_TRUE(Users(state.path(), kCost).find("root"));
}

TEST_F(UsersTest, ChangeNothingWhenTheDiskRefuses)
{
    Users users{state.path(), kCost};
    ASSERT_TRUE(users.ensure_owner("first words"));
    std::filesystem::remove_all(state.path());
    EXPECT_NE(change(users, rename_admin), "");
    EXPECT_TRUE(users.find("admin"));
    EXPECT_FALSE(users.find("root"));
}

TEST_F(UsersTest, ChangeNothingWhenTheEditRefuses)
{
    Users users{state.path(), kCost};
    ASSERT_TRUE(users.ensure_owner("first words"));
    const auto refuse = [](std::vector<User> &all) -> Result<> {
        all.clear();
        return Error{Kind::Conflict, "no"};
    };
    EXPECT_EQ(change(users, refuse), "no");
    EXPECT_TRUE(users.find("admin"));
}

TEST_F(UsersTest, QueueChangesSoThatEachSeesTheOneBefore)
{
    Users users{state.path(), kCost};
    ASSERT_TRUE(users.ensure_owner("first words"));
    std::vector<int> ends;
    const auto add = [](const char *name) {
        return [name](std::vector<User> &all) -> Result<> {
            all.push_back({name + std::to_string(all.size()), kHash, Role::User, true, 1});
            return ok;
        };
    };
    for (int i = 0; i < 3; ++i)
        users.change(add("u"), [&ends, i](Result<> r) { ends.push_back(r ? i : -1); });
    ASSERT_TRUE(run_until([&] { return ends.size() == 3; }));
    EXPECT_EQ(ends, (std::vector{0, 1, 2}));
    EXPECT_TRUE(users.find("u1") && users.find("u2") && users.find("u3"));
}

TEST_F(UsersTest, LetAChangeBeMadeFromTheEndOfAnother)
{
    Users users{state.path(), kCost};
    ASSERT_TRUE(users.ensure_owner("first words"));
    bool done = false;
    users.change(rename_admin, [&](Result<>) {
        users.change([](auto &) { return ok; }, [&](Result<> r) { done = bool(r); });
    });
    EXPECT_TRUE(run_until([&] { return done; }));
}

TEST_F(UsersTest, MayGoAwayWhileTheyWrite)
{
    auto users = std::make_unique<Users>(state.path(), kCost);
    ASSERT_TRUE(users->ensure_owner("first words"));
    bool ended = false;
    users->change(rename_admin, [&](Result<>) {
        users.reset();
        ended = true;
    });
    ASSERT_TRUE(run_until([&] { return ended; })); // gone inside the callback

    users = std::make_unique<Users>(state.path(), kCost);
    bool called = false, later = false;
    users->change([](auto &) { return ok; }, [&](Result<>) { called = true; });
    users.reset(); // gone before it
    Users other{state.path(), kCost};
    other.change([](auto &) { return ok; }, [&](Result<>) { later = true; });
    ASSERT_TRUE(run_until([&] { return later; }));
    EXPECT_FALSE(called);
}

TEST_F(UsersTest, TellWhoseSessionsEnded)
{
    Users users{state.path(), kCost};
    ASSERT_TRUE(users.ensure_owner("first words"));
    std::vector<std::string> ended;
    users.on_revoked = [&](const std::string &name) { ended.push_back(name); };
    EXPECT_EQ(change(users, [](auto &) { return ok; }), "");
    EXPECT_TRUE(ended.empty());
    EXPECT_EQ(change(users,
                     [](auto &all) {
                         end_sessions(all[0]);
                         return ok;
                     }),
              "");
    EXPECT_EQ(change(users, rename_admin), "");
    EXPECT_EQ(ended, (std::vector<std::string>{"admin", "admin"}));
}

TEST(UserRules, JudgeNames)
{
    for (const std::string good : {"a", "A-1_b.c", "0", "x2345678901234567890123456789012"})
        EXPECT_TRUE(check_username(good)) << good;
    for (const std::string bad :
         {"", "-a", ".a", "_a", "a b", "a/b", "\u00e4", "a\n", "x23456789012345678901234567890123"})
        EXPECT_FALSE(check_username(bad)) << bad;
}

TEST(UserRules, JudgePasswordsByTheirBytes)
{
    EXPECT_TRUE(check_password("12345678"));
    EXPECT_TRUE(check_password(std::string(72, 'x')));
    EXPECT_FALSE(check_password("1234567"));
    EXPECT_FALSE(check_password(std::string(73, 'x')));
    EXPECT_FALSE(check_password(std::string{"1234\0005678", 9}));
}

TEST(UserRules, MakeNoPasswordTwice)
{
    std::set<std::string> made;
    for (int i = 0; i < 100; ++i)
        made.insert(make_password());
    EXPECT_EQ(made.size(), 100u);
}
