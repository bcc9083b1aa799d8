// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/base/file.h"
#include "tests/unit/auth_fixture.h"

using namespace panto;
using namespace panto::auth;
using namespace std::chrono_literals;

namespace
{

constexpr char kOwnerRule[] = "-2 the device owner account must remain an enabled administrator";

class Accounts : public AuthTest
{
protected:
    std::string change(const Session &s, const std::string &current, const std::string &wanted)
    {
        return answer([&](Done<> done) { sessions->change_password(s, current, wanted, done); });
    }
    std::string change_legacy(const Session &s, const std::string &username,
                              const std::string &wanted)
    {
        return answer([&](Done<> done) {
            sessions->change_password_legacy(s, username, field(wanted), done);
        });
    }
    std::string update(const std::string &username, std::optional<std::string> role,
                       std::optional<bool> enabled, const Session &by)
    {
        return answer(
            [&](Done<> done) { sessions->update_user(by, username, role, enabled, done); });
    }
    std::string remove(const std::string &username, const Session &by)
    {
        return answer([&](Done<> done) { sessions->remove_user(by, username, done); });
    }
    std::string reset(const std::string &username, const std::string &password)
    {
        return answer(
            [&](Done<> done) { sessions->reset_password(username, field(password), done); });
    }
};

} // namespace

TEST_F(Accounts, ChangeTheirOwnPasswordAndSignInAnew)
{
    const std::string token = login("admin", kOwnWords).token;
    EXPECT_EQ(change(*sessions->check(token), field(kOwnWords), field("other words")), "0");
    EXPECT_FALSE(sessions->check(token));
    EXPECT_EQ(revoked, std::vector<std::string>{"admin"});
    EXPECT_EQ(login("admin", kOwnWords).code, -2);
    EXPECT_EQ(login("admin", "other words").code, 0);
    EXPECT_TRUE(password_matches("other words", Users(state.path()).find("admin")->password));
}

TEST_F(Accounts, NeedTheirCurrentPasswordForANewOne)
{
    const Session s = session();
    EXPECT_EQ(change(s, "", field("other words")), "-3 current password is required");
    EXPECT_EQ(change(s, field("wrong"), field("other words")), "-3 current password is incorrect");
    EXPECT_EQ(change(s, "nonsense", field("other words")), "-3 current password is incorrect");
    EXPECT_EQ(change(s, field(kOwnWords), ""), "-1 invalid parameters");
    EXPECT_EQ(change(s, field(kOwnWords), "nonsense"), "-5 invalid password");
    EXPECT_EQ(change(s, field(kOwnWords), field("short")),
              "-5 password must be between 8 and 72 bytes");
    EXPECT_EQ(change({"nobody"}, field(kOwnWords), field("other words")), "-2 invalid session");
    EXPECT_EQ(login("admin", kOwnWords).code, 0);
    EXPECT_TRUE(revoked.empty());
}

TEST_F(Accounts, CannotBeGuessedFromWithin)
{
    const Session s = session();
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(change(s, field("wrong"), field("other words")),
                  "-3 current password is incorrect");
    EXPECT_EQ(change(s, field(kOwnWords), field("other words")),
              "-3 too many wrong passwords, please try again later");
    now += 60s;
    EXPECT_EQ(change(s, field(kOwnWords), field("other words")), "0");
}

TEST_F(Accounts, KeepTheOldPasswordWhenTheDiskRefuses)
{
    const Session s = session();
    std::filesystem::remove_all(state.path());
    EXPECT_EQ(change(s, field(kOwnWords), field("other words")), "-4 authentication unavailable");
    EXPECT_EQ(login("admin", kOwnWords).code, 0);
}

TEST_F(Accounts, LetOnlyOneOfTwoSimultaneousChangesWin)
{
    const Session s = session();
    std::vector<std::string> ends;
    for (const char *words : {"other words", "third words"}) {
        sessions->change_password(s, field(kOwnWords), field(words),
                                  [&](Result<> r) { ends.push_back(r ? "0" : r.error().message); });
    }
    ASSERT_TRUE(run_until([&] { return ends.size() == 2; }));
    std::sort(ends.begin(), ends.end());
    EXPECT_EQ(ends, (std::vector<std::string>{"0", "current password is incorrect"}));
}

TEST_F(Accounts, RefuseTheOldFormUnlessItIsAllowed)
{
    const Session s = session();
    EXPECT_EQ(change_legacy(s, "admin", "other words"), "-1 invalid parameters");
    EXPECT_EQ(login("admin", kOwnWords).code, 0);
}

TEST_F(Accounts, ChangeAndRenameByTheOldFormWhenItIsAllowed)
{
    settings.allow_legacy_password_change = true;
    start();
    ASSERT_EQ(add_user("jo", "user"), "0");
    const std::string token = login("admin", kOwnWords).token;
    const Session s = *sessions->check(token);
    EXPECT_EQ(change_legacy(s, "admin", "short"), "-2 password must be between 8 and 72 bytes");
    EXPECT_EQ(change_legacy(s, "jo", "other words"), "-5 username already exists");
    EXPECT_EQ(change_legacy(s, "a b", "other words").substr(0, 3), "-5 ");
    EXPECT_EQ(change_legacy(s, "", "other words"), "-1 invalid parameters");
    EXPECT_EQ(change_legacy(s, "root", "other words"), "0");
    EXPECT_FALSE(sessions->check(token));
    EXPECT_EQ(login("root", "other words").code, 0);
    EXPECT_EQ(login("admin", kOwnWords).code, -2);
    EXPECT_TRUE(users.find("root")->owner);
    EXPECT_EQ(revoked, std::vector<std::string>{"admin"});
}

TEST_F(Accounts, AreUpdatedUnlessTheyHaveABuiltInPassword)
{
    EXPECT_TRUE(*sessions->password_is_updated(session()));
    bool written = false;
    users.change(
        [](auto &all) {
            all[0].must_change_password = true;
            return ok;
        },
        [&](Result<>) { written = true; });
    ASSERT_TRUE(run_until([&] { return written; }));
    EXPECT_FALSE(*sessions->password_is_updated(session()));
    auto r = sessions->password_is_updated({"nobody"});
    ASSERT_FALSE(r);
    EXPECT_EQ(r.error().code, -2);
}

TEST_F(Accounts, AreAddedByTheRules)
{
    EXPECT_EQ(add_user("jo", "user"), "0");
    EXPECT_EQ(session("jo", "12345678").role, Role::User);
    EXPECT_EQ(add_user("jo", "user"), "-3 username already exists");
    EXPECT_EQ(add_user("mo", "god"), "-3 invalid role");
    EXPECT_EQ(add_user("m o", "user").substr(0, 14), "-3 username mu");
    EXPECT_EQ(add_user("mo", "user", "short"), "-2 password must be between 8 and 72 bytes");
    EXPECT_EQ(add_user("", "user"), "-1 invalid parameters");
    EXPECT_EQ(add_user("mo", ""), "-1 invalid parameters");
    auto all = sessions->list_users();
    ASSERT_TRUE(all);
    EXPECT_EQ(all->size(), 2u);
}

TEST_F(Accounts, LoseTheirSessionsWhenTheirRoleOrStateChanges)
{
    ASSERT_EQ(add_user("jo", "user"), "0");
    const Session admin = session();
    std::string token = login("jo", "12345678").token;
    EXPECT_EQ(update("jo", "user", true, admin), "0"); // nothing new
    EXPECT_TRUE(sessions->check(token));
    EXPECT_EQ(update("jo", "admin", std::nullopt, admin), "0");
    EXPECT_FALSE(sessions->check(token));
    token = login("jo", "12345678").token;
    EXPECT_EQ(sessions->check(token)->role, Role::Admin);
    EXPECT_EQ(update("jo", std::nullopt, false, admin), "0");
    EXPECT_FALSE(sessions->check(token));
    EXPECT_EQ(login("jo", "12345678").code, -2);
    EXPECT_EQ(revoked, (std::vector<std::string>{"jo", "jo"}));
}

TEST_F(Accounts, CannotTakeTheLastAdminOrTheOwnerAway)
{
    ASSERT_EQ(add_user("jo", "admin"), "0");
    const Session admin = session(), jo = session("jo", "12345678");
    EXPECT_EQ(update("admin", "user", std::nullopt, admin),
              "-2 administrators cannot disable or demote themselves");
    EXPECT_EQ(update("admin", std::nullopt, false, jo), kOwnerRule);
    EXPECT_EQ(remove("admin", admin), "-1 administrators cannot delete themselves");
    EXPECT_EQ(remove("admin", jo),
              "-1 the device owner account must remain an enabled administrator");
    EXPECT_EQ(update("admin", "god", std::nullopt, jo), "-2 invalid role");
    EXPECT_EQ(update("admin", std::nullopt, std::nullopt, jo), "-1 invalid parameters");
    EXPECT_EQ(update("nobody", "user", std::nullopt, jo), "-2 user not found");
    EXPECT_EQ(remove("nobody", jo), "-1 user not found");
    EXPECT_EQ(remove("jo", admin), "0");
    EXPECT_FALSE(users.find("jo"));
}

TEST_F(Accounts, OfARemovedUserDoNotComeBackWithItsName)
{
    ASSERT_EQ(add_user("jo", "user"), "0");
    const std::string token = login("jo", "12345678").token;
    ASSERT_EQ(remove("jo", session()), "0");
    ASSERT_EQ(add_user("jo", "user"), "0");
    EXPECT_FALSE(sessions->check(token));
}

TEST_F(Accounts, GetNewPasswordsFromAnAdminButForTheOwner)
{
    ASSERT_EQ(add_user("jo", "user"), "0");
    const std::string token = login("jo", "12345678").token;
    EXPECT_EQ(reset("jo", "other words"), "0");
    EXPECT_FALSE(sessions->check(token));
    EXPECT_EQ(login("jo", "other words").code, 0);
    EXPECT_EQ(reset("jo", "short"), "-2 password must be between 8 and 72 bytes");
    EXPECT_EQ(reset("nobody", "other words"), "-2 user not found");
    EXPECT_EQ(reset("admin", "other words"), "-3 the device owner must change its own password");
    EXPECT_EQ(answer([&](Done<> done) { sessions->reset_password("jo", "", done); }),
              "-1 invalid parameters");
    std::filesystem::remove_all(state.path());
    EXPECT_EQ(reset("jo", "third words"), "-4 authentication unavailable");
}
