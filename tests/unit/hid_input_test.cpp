// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/hid/input.h"
#include "lib/usbhid/report.h"
#include "tests/unit/loop.h"

#include <gtest/gtest.h>
#include <random>

using namespace panto;
using namespace panto::hid;
using namespace std::chrono_literals;

namespace
{

using Report = std::vector<uint8_t>;

const Report kA{0, 0, 4, 0, 0, 0, 0, 0};
const Report kNoKeys(kKeyboardSize, 0);
const Report kStep{0, 1, 1, 0};
const Report kStepHeld{kLeft, 1, 1, 0};
const Report kNoButtons(kRelativeSize, 0);
const Report kPlay{0xcd, 0};
const Report kNoConsumerKey{0, 0};

Report absolute(uint8_t buttons, unsigned x, unsigned y, uint8_t wheel = 0)
{
    return {buttons, uint8_t(x), uint8_t(x >> 8), uint8_t(y), uint8_t(y >> 8), wheel};
}

/// An Input whose reports are kept, and whose time the test moves.
class InputTest : public testing::Test
{
protected:
    /// Lets time pass, with the lease looked at every 100 ms of it.
    void pass(std::chrono::milliseconds time)
    {
        for (; time > 0ms; time -= 100ms) {
            now += std::min<std::chrono::milliseconds>(time, 100ms);
            Loop::fire_timers();
        }
    }
    Report last() const { return sent.empty() ? Report{} : sent.back(); }
    /// What the computer sees held, by the last report of each kind.
    bool all_up() const
    {
        Report keyboard = kNoKeys, consumer = kNoConsumerKey;
        uint8_t relative_buttons = 0, absolute_buttons = 0;
        for (const Report &r : sent) {
            if (r.size() == kKeyboardSize)
                keyboard = r;
            else if (r.size() == kConsumerSize)
                consumer = r;
            else
                (r.size() == kRelativeSize ? relative_buttons : absolute_buttons) = r[0];
        }
        return keyboard == kNoKeys && consumer == kNoConsumerKey && relative_buttons == 0 &&
               absolute_buttons == 0;
    }

    Time now{1h};
    std::vector<Report> sent;
    Input input{[this](std::span<const uint8_t> r) { sent.emplace_back(r.begin(), r.end()); },
                [this] { return now; }, true};
};

} // namespace

TEST_F(InputTest, PassesReportsOnAsTheyAre)
{
    auto client = input.attach("a");
    EXPECT_TRUE(client->report(kA));
    EXPECT_TRUE(client->report(kNoKeys));
    EXPECT_TRUE(client->report(kStep));
    EXPECT_TRUE(client->report(absolute(0, 1, 2, 0xff)));
    EXPECT_EQ(sent, (std::vector<Report>{kA, kNoKeys, kStep, absolute(0, 1, 2, 0xff)}));
}

TEST_F(InputTest, RefusesWhatIsNoReport)
{
    auto client = input.attach("a");
    for (const size_t size : {0, 1, 3, 5, 7, 9, 64}) {
        auto done = client->report(Report(size, 1));
        ASSERT_FALSE(done) << size;
        EXPECT_EQ(done.error().kind, Kind::Invalid);
    }
    EXPECT_TRUE(sent.empty());
    EXPECT_EQ(input.owner(), nullptr);
}

TEST_F(InputTest, PassesConsumerKeysOnAndLetsThemGo)
{
    auto client = input.attach("a");
    EXPECT_TRUE(client->report(kPlay));
    EXPECT_EQ(last(), kPlay);
    pass(500ms);
    EXPECT_EQ(last(), kNoConsumerKey) << "its lease has lapsed";
    EXPECT_TRUE(client->report(kPlay));
    client.reset();
    EXPECT_TRUE(all_up());
    EXPECT_EQ(sent.size(), 4u);
}

TEST_F(InputTest, SaysBeforeItLetsGoOfSomethingThatThisMustNotWait)
{
    size_t before = 0, said = 0;
    input.on_release = [&] { before = sent.size(), ++said; };
    auto client = input.attach("a");
    EXPECT_TRUE(client->report(kA));
    pass(500ms);
    EXPECT_EQ(before, 1u);
    EXPECT_EQ(sent.size(), 2u);
    client.reset();
    EXPECT_EQ(said, 1u) << "nothing was held any more";
}

TEST_F(InputTest, TellsOnAResetThatAllIsUpWhateverItKnows)
{
    input.reset();
    EXPECT_EQ(sent, (std::vector<Report>{kNoKeys, kNoButtons, kNoConsumerKey}));
    auto client = input.attach("a");
    EXPECT_TRUE(client->report(absolute(0, 1, 2)));
    sent.clear();
    input.reset();
    EXPECT_EQ(last(), absolute(0, 1, 2)) << "the pointer stays where it is";
}

TEST_F(InputTest, RefusesAConsumerUsageBeyondTheDescriptorsRange)
{
    auto client = input.attach("a");
    EXPECT_TRUE(client->report(Report{0xff, 0x03}));
    EXPECT_EQ(client->report(Report{0, 0x04}).error().kind, Kind::Invalid);
    EXPECT_EQ(client->report(Report{0xff, 0xff}).error().kind, Kind::Invalid);
}

TEST_F(InputTest, SaysSoWhereThereAreNoConsumerKeys)
{
    Input plain{[this](std::span<const uint8_t> r) { sent.emplace_back(r.begin(), r.end()); }};
    auto client = plain.attach("a");
    const auto refused = client->report(kPlay);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, Kind::Unavailable);
    EXPECT_NE(refused.error().message.find("hid.consumer"), std::string::npos);
    EXPECT_TRUE(sent.empty());
    EXPECT_EQ(plain.owner(), nullptr);
}

TEST_F(InputTest, KeepsAPlaceWithinTheDescriptorsRange)
{
    auto client = input.attach("a");
    EXPECT_TRUE(client->report(absolute(0, 0x8000, 0xffff)));
    EXPECT_EQ(last(), absolute(0, 0x7fff, 0x7fff));
    EXPECT_TRUE(client->report(absolute(0, 0x7fff, 0)));
    EXPECT_EQ(last(), absolute(0, 0x7fff, 0));
}

TEST_F(InputTest, BelongsToTheFirstWhoUsesIt)
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

TEST_F(InputTest, StaysWithItsOwnerForASecond)
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

TEST_F(InputTest, StaysWithAnOwnerThatHoldsAKey)
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

TEST_F(InputTest, TellsClientsOfOneNameApart)
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

TEST_F(InputTest, SaysThatItsOwnerChangesBetweenClientsOfOneName)
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

TEST_F(InputTest, PassesAtOnceBetweenTheLinesOfOneClient)
{
    auto socket = input.attach("operator");
    auto channel = input.attach("operator");
    socket->introduce("one and the same");
    channel->introduce("one and the same");
    EXPECT_TRUE(socket->report(kA));
    EXPECT_TRUE(channel->report(kStep));
    EXPECT_EQ(sent, (std::vector<Report>{kA, kNoKeys, kStep})) << "nothing stays held on the first";
    EXPECT_EQ(input.owner(), channel.get());
    EXPECT_TRUE(input.owned_by(*socket));
}

TEST_F(InputTest, DropsWhatAnOlderLineHadOnItsWay)
{
    auto socket = input.attach("operator");
    auto channel = input.attach("operator");
    socket->introduce("one and the same");
    channel->introduce("one and the same");
    EXPECT_TRUE(socket->report(kA)) << "the newer line has said nothing yet";
    EXPECT_TRUE(channel->report(kStep));
    EXPECT_TRUE(channel->report(kA));
    EXPECT_TRUE(socket->report(kNoKeys)) << "no error: it was the operator's own";
    EXPECT_EQ(last(), kA) << "the newer line's key stays held";
    socket->introduce("one and the same");
    EXPECT_TRUE(socket->report(kNoKeys));
    EXPECT_EQ(last(), kNoKeys) << "a line that introduces itself again is the newest";
}

TEST_F(InputTest, TakesFromAClientWhatAnotherSendsForItAndBack)
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

TEST_F(InputTest, KeepsClientsApartThatNeverIntroducedThemselves)
{
    auto console = input.attach("operator");
    auto script = input.attach("operator");
    console->introduce("a console's text");
    EXPECT_TRUE(console->report(kA));
    EXPECT_FALSE(script->report(kA));
    EXPECT_FALSE(input.owned_by(*script));
}

TEST_F(InputTest, PassesAtOnceBetweenTheClientsOfASessionWhenNothingIsHeld)
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

TEST_F(InputTest, KeepsClientsWithoutASessionApart)
{
    auto one = input.attach("script");
    auto two = input.attach("script");
    EXPECT_TRUE(one->report(kStep));
    EXPECT_FALSE(two->report(kStep));
}

TEST_F(InputTest, KeepsConsolesOfOneSessionApart)
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

TEST_F(InputTest, IsFreeOnceItsOwnersConnectionHasEnded)
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

TEST_F(InputTest, TrustsTheMessagesOnlyOfAClientThatIntroducedItself)
{
    auto client = input.attach("a", [] { return true; });
    client->introduce("a console's text");
    (void)client->report(kA);
    for (int i = 0; i < 20; ++i) {
        pass(100ms);
        client->renew();
    }
    EXPECT_EQ(last(), kA);
    pass(500ms);
    EXPECT_EQ(last(), kNoKeys) << "its connection is there, but it says nothing";
}

TEST_F(InputTest, IsFreeWhenItsOwnersLeaseLapses)
{
    auto client = input.attach("a");
    EXPECT_TRUE(client->report(kA));
    pass(1s);
    EXPECT_EQ(last(), kNoKeys);
    EXPECT_EQ(input.owner(), nullptr);
}

TEST_F(InputTest, IsFreeAtOnceWhenItsOwnerGoes)
{
    auto first = input.attach("first");
    auto second = input.attach("second");
    EXPECT_TRUE(first->report(kA));
    first.reset();
    EXPECT_EQ(input.owner(), nullptr);
    EXPECT_TRUE(second->report(kA));
}

TEST_F(InputTest, SaysWhenItsOwnerChanges)
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

TEST_F(InputTest, SaysWhoLostWhatItHeldAndHowLongItHadBeenSilent)
{
    std::vector<std::pair<std::string, std::chrono::milliseconds>> lost;
    input.on_let_go = [&](const Input::Client &owner, std::chrono::milliseconds silent) {
        EXPECT_TRUE(all_up());
        lost.emplace_back(owner.name(), silent);
    };
    auto silent = input.attach("silent");
    (void)silent->report(kA);
    pass(1s);
    auto gone = input.attach("gone");
    (void)gone->report(kStepHeld);
    now += 30ms;
    gone.reset();
    auto orderly = input.attach("orderly");
    (void)orderly->report(kA);
    (void)orderly->report(kNoKeys);
    orderly.reset();
    EXPECT_EQ(lost, (decltype(lost){{"silent", 400ms}, {"gone", 30ms}}));
}

TEST_F(InputTest, LetsEverythingGoWhenItsOwnerGoes)
{
    auto client = input.attach("a");
    (void)client->report(kA);
    (void)client->report(kStepHeld);
    client.reset();
    EXPECT_EQ(sent, (std::vector<Report>{kA, kStepHeld, kNoKeys, kNoButtons}));
}

TEST_F(InputTest, LetsAButtonGoWhereThePointerIs)
{
    auto client = input.attach("a");
    (void)client->report(absolute(kRight, 300, 400, 1));
    client.reset();
    EXPECT_EQ(last(), absolute(0, 300, 400));
}

TEST_F(InputTest, LetsNothingGoThatAnotherHolds)
{
    auto owner = input.attach("owner");
    auto other = input.attach("other");
    (void)owner->report(kA);
    (void)other->report(kA);
    other.reset();
    EXPECT_EQ(sent, std::vector<Report>{kA});
}

TEST_F(InputTest, SaysNothingWhenNothingIsHeld)
{
    auto client = input.attach("a");
    (void)client->report(kStep);
    client.reset();
    input.release_all();
    EXPECT_EQ(sent, std::vector<Report>{kStep});
}

TEST_F(InputTest, LetsEverythingGoWhenAsked)
{
    auto client = input.attach("a");
    (void)client->report(kA);
    input.release_all();
    EXPECT_EQ(last(), kNoKeys);
    EXPECT_EQ(input.owner(), client.get()) << "who may go on";
}

TEST_F(InputTest, LetsEverythingGoWhenItEnds)
{
    std::vector<Report> end;
    {
        Input mortal{[&](std::span<const uint8_t> r) { end.emplace_back(r.begin(), r.end()); }};
        auto client = mortal.attach("a");
        (void)client->report(kA);
        client.reset();
    }
    EXPECT_EQ(end, (std::vector<Report>{kA, kNoKeys}));
}

TEST_F(InputTest, LetsAKeyGoWithinHalfASecondOfTheLastSignOfLife)
{
    auto client = input.attach("a");
    (void)client->report(kA);
    pass(300ms);
    EXPECT_EQ(last(), kA);
    pass(200ms);
    EXPECT_EQ(last(), kNoKeys);
}

TEST_F(InputTest, HoldsAKeyWhileItsOwnerRenews)
{
    auto client = input.attach("a");
    (void)client->report(kA);
    for (int i = 0; i < 20; ++i) {
        pass(200ms);
        client->renew();
    }
    EXPECT_EQ(last(), kA);
    pass(500ms);
    EXPECT_EQ(last(), kNoKeys);
}

TEST_F(InputTest, HoldsAKeyWhileTheConnectionProvesLife)
{
    bool alive = true;
    auto client = input.attach("a", [&] { return alive; });
    (void)client->report(kA);
    pass(5s);
    EXPECT_EQ(last(), kA);
    alive = false;
    pass(500ms);
    EXPECT_EQ(last(), kNoKeys);
}

TEST_F(InputTest, AsksForSignsOfLifeOnlyWhileSomethingIsHeld)
{
    int asked = 0;
    auto client = input.attach("a", [&] {
        ++asked;
        return true;
    });
    (void)client->report(kStep);
    pass(1s);
    EXPECT_EQ(asked, 0);
    (void)client->report(kA);
    pass(300ms);
    EXPECT_EQ(asked, 3);
    (void)client->report(kNoKeys);
    pass(1s);
    EXPECT_EQ(asked, 3);
}

TEST_F(InputTest, GoesOnWithAnOwnerThatCameBack)
{
    auto client = input.attach("a");
    (void)client->report(kA);
    pass(1s);
    EXPECT_EQ(last(), kNoKeys);
    EXPECT_TRUE(client->report(kA));
    EXPECT_EQ(last(), kA);
    pass(1s);
    EXPECT_EQ(last(), kNoKeys);
}

TEST_F(InputTest, LetsAButtonGoBeforeTheOtherPointerMoves)
{
    auto client = input.attach("a");
    (void)client->report(absolute(kLeft, 300, 400));
    sent.clear();
    (void)client->report(kStep);
    EXPECT_EQ(sent, (std::vector<Report>{absolute(0, 300, 400), kStep}));
    (void)client->report(kStepHeld);
    sent.clear();
    (void)client->report(absolute(0, 1, 1));
    EXPECT_EQ(sent, (std::vector<Report>{kNoButtons, absolute(0, 1, 1)}));
}

TEST_F(InputTest, HoldsNothingOnceEveryoneIsGone)
{
    for (unsigned seed = 0; seed < 300; ++seed) {
        std::mt19937 random{seed};
        const auto roll = [&](unsigned n) { return unsigned(random() % n); };
        std::array<std::unique_ptr<Input::Client>, 3> clients;
        std::array<bool, 3> alive{};
        for (int step = 0; step < 60; ++step) {
            const unsigned i = roll(3);
            switch (roll(8)) {
            case 0:
                clients[i].reset();
                break;
            case 1:
                input.release_all();
                EXPECT_TRUE(all_up()) << "seed " << seed << " step " << step;
                break;
            case 2:
                alive[i] = !alive[i];
                break;
            case 3:
                pass(std::chrono::milliseconds{roll(1200)});
                break;
            default: {
                if (!clients[i])
                    clients[i] = input.attach("client", [&alive, i] { return alive[i]; });
                static constexpr size_t kSizes[] = {kKeyboardSize, kRelativeSize, kAbsoluteSize, 3};
                Report report(kSizes[roll(4)]);
                for (uint8_t &byte : report)
                    byte = roll(2) ? uint8_t(random()) : 0;
                (void)clients[i]->report(report);
            }
            }
        }
        if (roll(2)) { // some close their sockets, some fall silent
            for (auto &client : clients)
                client.reset();
        } else {
            alive = {};
            pass(500ms);
        }
        EXPECT_TRUE(all_up()) << "seed " << seed;
        sent.clear();
    }
}

TEST_F(InputTest, KnowsWhenAPersonDidMoreThanMoveThePointer)
{
    auto person = input.attach("person", [] { return true; });
    auto machine = input.attach("machine", nullptr, Rank::Machine);
    const auto acts = [&](auto &client, const Report &report) {
        now += 2s;
        EXPECT_TRUE(client->report(report));
        return input.person_acted() == now;
    };
    EXPECT_TRUE(acts(person, kA));
    EXPECT_TRUE(acts(person, kNoKeys));
    EXPECT_FALSE(acts(person, kStep));
    EXPECT_TRUE(acts(person, kStepHeld)) << "a button goes down";
    EXPECT_FALSE(acts(person, kStepHeld)) << "and is dragged";
    EXPECT_TRUE(acts(person, kNoButtons)) << "and goes up";
    EXPECT_TRUE(acts(person, Report{0, 0, 0, 1})) << "the wheel turns";
    EXPECT_FALSE(acts(person, absolute(0, 5, 5)));
    EXPECT_TRUE(acts(person, absolute(kLeft, 5, 5)));
    EXPECT_TRUE(acts(person, absolute(0, 5, 5)));
    EXPECT_FALSE(acts(machine, kA));
}

TEST_F(InputTest, PassesFromMachineToMachineWhenNothingIsHeld)
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
