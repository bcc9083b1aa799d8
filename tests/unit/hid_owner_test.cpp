// SPDX-License-Identifier: LGPL-2.1-or-later
/// Whose the input is, and when it passes to another.
#include "tests/unit/input_fixture.h"

using namespace panto;
using namespace panto::hid;
using namespace std::chrono_literals;

namespace
{

class OwnerTest : public InputTest
{
protected:
    using Line = std::unique_ptr<Input::Client>;
    /// Two lines of one client, the older one first.
    std::pair<Line, Line> two_lines()
    {
        std::pair<Line, Line> lines{input.attach("operator"), input.attach("operator")};
        lines.first->introduce("one and the same");
        lines.second->introduce("one and the same");
        return lines;
    }
};

} // namespace

TEST_F(OwnerTest, BelongsToTheFirstWhoUsesIt)
{
    auto first = input.attach("first");
    auto second = input.attach("second");
    EXPECT_EQ(input.owner(), nullptr);
    EXPECT_TRUE(first->report(kA));
    EXPECT_EQ(input.owner(), first.get());
    auto refused = second->report(kA);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, Kind::Busy);
    EXPECT_NE(refused.error().message.find("first"), std::string::npos);
    EXPECT_EQ(sent.size(), 1u);
}

TEST_F(OwnerTest, StaysWithItsOwnerForASecond)
{
    auto first = input.attach("first");
    auto second = input.attach("second");
    EXPECT_TRUE(first->report(kStep));
    now += 999ms;
    EXPECT_FALSE(second->report(kStep));
    now += 1ms;
    EXPECT_TRUE(second->report(kStep));
    EXPECT_EQ(input.owner(), second.get());
}

TEST_F(OwnerTest, StaysWithAnOwnerThatHoldsAKey)
{
    auto first = input.attach("first", [] { return true; });
    auto second = input.attach("second");
    EXPECT_TRUE(first->report(kA));
    pass(10s);
    EXPECT_FALSE(second->report(kStep));
    EXPECT_TRUE(first->report(kNoKeys));
    now += 1s;
    EXPECT_TRUE(second->report(kStep));
}

TEST_F(OwnerTest, TellsClientsOfOneNameApart)
{
    auto one = input.attach("admin@127.0.0.1", [] { return true; });
    auto two = input.attach("admin@127.0.0.1");
    EXPECT_TRUE(one->report(kA));
    auto refused = two->report(kStep);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, Kind::Busy);
    EXPECT_EQ(sent, std::vector<Report>{kA}) << "the first one's key stays down";
    EXPECT_TRUE(input.owned_by(*one));
    EXPECT_FALSE(input.owned_by(*two));
}

TEST_F(OwnerTest, SaysThatItsOwnerChangesBetweenClientsOfOneName)
{
    auto one = input.attach("operator");
    auto two = input.attach("operator");
    unsigned changes = 0;
    input.on_owner_changed = [&] { ++changes; };
    EXPECT_TRUE(one->report(kStep));
    now += 1s;
    EXPECT_TRUE(two->report(kStep));
    EXPECT_EQ(changes, 2u);
}

TEST_F(OwnerTest, PassesAtOnceBetweenTheLinesOfOneClient)
{
    const auto [socket, channel] = two_lines();
    EXPECT_TRUE(socket->report(kA));
    EXPECT_TRUE(channel->report(kStep));
    EXPECT_EQ(sent, (std::vector<Report>{kA, kNoKeys, kStep})) << "nothing stays held on the first";
    EXPECT_EQ(input.owner(), channel.get());
    EXPECT_TRUE(input.owned_by(*socket));
}

TEST_F(OwnerTest, DropsWhatAnOlderLineHadOnItsWay)
{
    const auto [socket, channel] = two_lines();
    EXPECT_TRUE(socket->report(kA)) << "the newer line has said nothing yet";
    EXPECT_TRUE(channel->report(kStep));
    EXPECT_TRUE(channel->report(kA));
    EXPECT_TRUE(socket->report(kNoKeys)) << "no error: it was the operator's own";
    EXPECT_EQ(last(), kA) << "the newer line's key stays held";
    socket->introduce("one and the same");
    EXPECT_TRUE(socket->report(kNoKeys));
    EXPECT_EQ(last(), kNoKeys) << "a line that introduces itself again is the newest";
}

TEST_F(OwnerTest, TakesFromAClientWhatAnotherSendsForItAndBack)
{
    auto console = input.attach("operator");
    auto paste = input.attach("operator");
    console->introduce("one and the same");
    paste->send_for("one and the same");
    EXPECT_TRUE(console->report(kStep));
    EXPECT_TRUE(paste->report(kA));
    EXPECT_EQ(last(), kA);
    EXPECT_TRUE(console->report(kStep));
    EXPECT_EQ(last(), kStep);
}

TEST_F(OwnerTest, KeepsClientsApartThatNeverIntroducedThemselves)
{
    auto console = input.attach("operator");
    auto script = input.attach("operator");
    console->introduce("a console's text");
    EXPECT_TRUE(console->report(kA));
    EXPECT_FALSE(script->report(kA));
    EXPECT_FALSE(input.owned_by(*script));
}

TEST_F(OwnerTest, PassesAtOnceBetweenTheClientsOfASessionWhenNothingIsHeld)
{
    auto one = input.attach("script", [] { return true; });
    auto two = input.attach("script", [] { return true; });
    auto other = input.attach("script");
    one->comes_from({"a session"});
    two->comes_from({"a session"});
    other->comes_from({"another session"});
    EXPECT_TRUE(one->report(kA));
    EXPECT_FALSE(two->report(kStep)) << "a key is held";
    EXPECT_TRUE(one->report(kNoKeys));
    EXPECT_FALSE(other->report(kStep));
    EXPECT_TRUE(two->report(kStepHeld));
    EXPECT_FALSE(one->report(kA)) << "a button is held";
    EXPECT_TRUE(two->report(kNoButtons));
    EXPECT_TRUE(one->report(kA));
    EXPECT_EQ(sent, (std::vector<Report>{kA, kNoKeys, kStepHeld, kNoButtons, kA}));
}

TEST_F(OwnerTest, KeepsClientsWithoutASessionApart)
{
    auto one = input.attach("script");
    auto two = input.attach("script");
    EXPECT_TRUE(one->report(kStep));
    EXPECT_FALSE(two->report(kStep));
}

TEST_F(OwnerTest, KeepsConsolesOfOneSessionApart)
{
    auto one = input.attach("operator");
    auto two = input.attach("operator");
    one->comes_from({"a session"});
    two->comes_from({"a session"});
    one->introduce("a console's text");
    EXPECT_TRUE(one->report(kStep));
    EXPECT_FALSE(two->report(kStep));
    two->introduce("another one's text");
    EXPECT_FALSE(two->report(kStep));
}

TEST_F(OwnerTest, IsFreeOnceItsOwnersConnectionHasEnded)
{
    bool ended = false;
    auto first = input.attach("first", [] { return true; });
    auto second = input.attach("second");
    first->comes_from({"", [&] { return ended; }});
    EXPECT_TRUE(first->report(kStepHeld));
    EXPECT_FALSE(second->report(kA));
    ended = true;
    EXPECT_TRUE(second->report(kA));
    EXPECT_EQ(sent, (std::vector<Report>{kStepHeld, kNoButtons, kA}))
        << "the button is let go first";
}

TEST_F(OwnerTest, IsFreeWhenItsOwnersLeaseLapses)
{
    auto client = input.attach("a");
    EXPECT_TRUE(client->report(kA));
    pass(1s);
    EXPECT_EQ(last(), kNoKeys);
    EXPECT_EQ(input.owner(), nullptr);
}

TEST_F(OwnerTest, IsFreeAtOnceWhenItsOwnerGoes)
{
    auto first = input.attach("first");
    auto second = input.attach("second");
    EXPECT_TRUE(first->report(kA));
    first.reset();
    EXPECT_EQ(input.owner(), nullptr);
    EXPECT_TRUE(second->report(kA));
}

TEST_F(OwnerTest, SaysWhenItsOwnerChanges)
{
    std::vector<const Input::Client *> owners;
    input.on_owner_changed = [&] { owners.push_back(input.owner()); };
    auto first = input.attach("first");
    auto second = input.attach("second");
    (void)first->report(kStep);
    (void)first->report(kStep);
    (void)second->report(kStep); // refused
    const Input::Client *was = first.get();
    first.reset();
    (void)second->report(kStep);
    EXPECT_EQ(owners, (std::vector<const Input::Client *>{was, nullptr, second.get()}));
}

TEST_F(OwnerTest, PassesFromMachineToMachineWhenNothingIsHeld)
{
    auto first = input.attach(
        "first", [] { return true; }, Rank::Machine);
    auto second = input.attach("second", nullptr, Rank::Machine);
    EXPECT_TRUE(first->report(kA));
    EXPECT_FALSE(second->report(kStep)) << "it holds a key";
    EXPECT_TRUE(first->report(kNoKeys));
    EXPECT_TRUE(second->report(kStep));
    EXPECT_EQ(input.owner(), second.get());
}
