// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/unit/input_fixture.h"

#include <random>

using namespace panto;
using namespace panto::hid;
using namespace std::chrono_literals;

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
