// SPDX-License-Identifier: LGPL-2.1-or-later
/// Who keeps the input, how others come to it, and when it is free again.
#include "daemon/hid/hold.h"
#include "tests/unit/input_fixture.h"

#include <string>

using namespace panto;
using namespace panto::hid;
using namespace std::chrono_literals;

namespace
{

using Event = Hold::Event;

/// People with a socket each, whose names are their accounts'.
class HoldTest : public InputTest
{
protected:
    struct One {
        std::vector<std::pair<Event, std::string>> events;
        unsigned changes = 0;
        std::unique_ptr<Input::Client> line;
        std::unique_ptr<Hold::Seat> seat;
    };
    using Person = std::unique_ptr<One>;

    Person come(const std::string &name, bool admin = false, std::string id = "")
    {
        auto one = std::make_unique<One>();
        id = id.empty() ? "the random id of " + name : id;
        one->line = input.attach(name, [] { return true; });
        one->line->introduce(id);
        one->seat = hold.join(id, {name, name, admin},
                              {[p = one.get()] { ++p->changes; },
                               [p = one.get()](Event event, const std::string &by) {
                                   p->events.emplace_back(event, by);
                               }});
        return one;
    }
    static std::pair<Event, std::string> last(const Person &one)
    {
        return one->events.empty() ? std::pair{Event::Idle, std::string{"nothing"}}
                                   : one->events.back();
    }
    unsigned keeper() const { return hold.state().keeper; }

    Hold hold{input, [this] { return now; }};
};

Kind kind_of(const Result<> &result)
{
    EXPECT_FALSE(result);
    return result ? Kind::Internal : result.error().kind;
}

} // namespace

TEST_F(HoldTest, KeepsOthersOutHoweverLongItsKeeperPauses)
{
    const auto ann = come("ann"), bob = come("bob", true);
    ASSERT_TRUE(ann->seat->keep());
    EXPECT_EQ(keeper(), ann->seat->number());
    now += 2min;
    const auto refused = bob->line->report(kA);
    EXPECT_EQ(kind_of(refused), Kind::Busy);
    EXPECT_NE(refused.error().message.find("ann keeps"), std::string::npos);
    auto stranger = input.attach("a script");
    EXPECT_EQ(kind_of(stranger->report(kA)), Kind::Busy) << "one that never introduced itself, too";
    auto machine = input.attach("a machine", nullptr, Rank::Machine);
    EXPECT_EQ(kind_of(machine->report(kStep)), Kind::Busy);
    EXPECT_TRUE(ann->line->report(kA));
}

TEST_F(HoldTest, IsNotHadWhileAnotherUsesTheInput)
{
    const auto ann = come("ann"), bob = come("bob");
    EXPECT_TRUE(bob->line->report(kStep));
    EXPECT_EQ(kind_of(ann->seat->keep()), Kind::Busy);
    now += 1s;
    EXPECT_TRUE(ann->seat->keep());
    EXPECT_EQ(kind_of(bob->seat->keep()), Kind::Busy);
}

TEST_F(HoldTest, LeavesTheInputAsItWasWhenLetGo)
{
    const auto ann = come("ann"), bob = come("bob");
    ASSERT_TRUE(ann->seat->keep());
    ASSERT_TRUE(ann->seat->let_go());
    EXPECT_EQ(keeper(), 0u);
    EXPECT_TRUE(bob->line->report(kA));
    EXPECT_EQ(kind_of(ann->line->report(kA)), Kind::Busy) << "whoever holds a key owns it";
}

TEST_F(HoldTest, PassesToWhoAsksWhenItsKeeperSaysSo)
{
    const auto ann = come("ann", true), bob = come("bob");
    ASSERT_TRUE(ann->seat->keep());
    EXPECT_TRUE(ann->line->report(kA));
    ASSERT_TRUE(bob->seat->ask());
    EXPECT_EQ(last(ann), (std::pair{Event::Asked, std::string{"bob"}}));
    EXPECT_EQ(hold.state().asking, bob->seat->number());
    ASSERT_TRUE(ann->seat->give(hold.state().asking));
    EXPECT_TRUE(all_up()) << "what the one before held is let go";
    EXPECT_EQ(last(bob), (std::pair{Event::Given, std::string{"ann"}}));
    EXPECT_EQ(keeper(), bob->seat->number());
    EXPECT_TRUE(bob->line->report(kA)) << "at once";
    EXPECT_EQ(kind_of(ann->line->report(kA)), Kind::Busy);
    EXPECT_EQ(hold.state().asking, 0u);
}

TEST_F(HoldTest, StaysWhenItsKeeperRefuses)
{
    const auto ann = come("ann"), bob = come("bob");
    ASSERT_TRUE(ann->seat->keep());
    ASSERT_TRUE(bob->seat->ask());
    ASSERT_TRUE(ann->seat->refuse());
    EXPECT_EQ(last(bob), (std::pair{Event::Refused, std::string{"ann"}}));
    EXPECT_EQ(keeper(), ann->seat->number());
    EXPECT_TRUE(bob->seat->ask()) << "asking again is allowed";
}

TEST_F(HoldTest, LetsAQuestionLapseThatNobodyAnswers)
{
    const auto ann = come("ann"), bob = come("bob"), cyd = come("cyd");
    ASSERT_TRUE(ann->seat->keep());
    ASSERT_TRUE(bob->seat->ask());
    EXPECT_EQ(kind_of(cyd->seat->ask()), Kind::Busy) << "one asks at a time";
    now += Hold::kAsking - 1s;
    Loop::fire_timers();
    EXPECT_EQ(hold.state().asking, bob->seat->number());
    now += 1s;
    Loop::fire_timers();
    EXPECT_EQ(hold.state().asking, 0u);
    EXPECT_EQ(last(bob).first, Event::Lapsed);
    EXPECT_EQ(keeper(), ann->seat->number());
    EXPECT_TRUE(cyd->seat->ask());
}

TEST_F(HoldTest, GoesToWhoAsksWhenItsKeeperLetsGo)
{
    const auto ann = come("ann"), bob = come("bob");
    ASSERT_TRUE(ann->seat->keep());
    ASSERT_TRUE(bob->seat->ask());
    ASSERT_TRUE(ann->seat->let_go());
    EXPECT_EQ(keeper(), bob->seat->number());
    EXPECT_EQ(last(bob), (std::pair{Event::Given, std::string{"ann"}}));
}

TEST_F(HoldTest, IsTakenByAnAdminFromAnybodyAndByNobodyElse)
{
    const auto ann = come("ann", true), bob = come("bob"), cyd = come("cyd", true);
    ASSERT_TRUE(ann->seat->keep());
    EXPECT_TRUE(ann->line->report(kA));
    EXPECT_EQ(kind_of(bob->seat->take()), Kind::Denied);
    EXPECT_EQ(keeper(), ann->seat->number());
    ASSERT_TRUE(bob->seat->ask());
    ASSERT_TRUE(cyd->seat->take());
    EXPECT_TRUE(all_up());
    EXPECT_EQ(last(ann), (std::pair{Event::Taken, std::string{"cyd"}}));
    EXPECT_EQ(last(bob).first, Event::Lapsed) << "what was asked of another is void";
    EXPECT_TRUE(cyd->line->report(kA));
    EXPECT_EQ(kind_of(bob->seat->take()), Kind::Denied);
}

TEST_F(HoldTest, IsTakenFromWhoOnlyUsesTheInput)
{
    const auto ann = come("ann"), cyd = come("cyd", true);
    EXPECT_TRUE(ann->line->report(kA));
    ASSERT_TRUE(cyd->seat->take());
    EXPECT_TRUE(all_up());
    EXPECT_EQ(kind_of(ann->line->report(kA)), Kind::Busy);
}

TEST_F(HoldTest, LetsOnlyItsKeeperHandItOverRefuseAndLetGo)
{
    const auto ann = come("ann"), bob = come("bob", true);
    ASSERT_TRUE(ann->seat->keep());
    EXPECT_EQ(kind_of(bob->seat->give(bob->seat->number())), Kind::Denied);
    EXPECT_EQ(kind_of(bob->seat->refuse()), Kind::Denied);
    EXPECT_EQ(kind_of(bob->seat->let_go()), Kind::Denied);
    EXPECT_EQ(kind_of(ann->seat->give(99)), Kind::NotFound);
    EXPECT_EQ(kind_of(ann->seat->give(0)), Kind::NotFound);
    EXPECT_EQ(kind_of(ann->seat->ask()), Kind::Conflict) << "it has what it would ask for";
    EXPECT_EQ(keeper(), ann->seat->number());
}

TEST_F(HoldTest, EndsWhenItsKeeperUsesItNoMore)
{
    const auto ann = come("ann"), bob = come("bob");
    ASSERT_TRUE(ann->seat->keep());
    now += Hold::kIdle - 1s;
    EXPECT_TRUE(ann->line->report(kStep));
    now += Hold::kIdle - 1s;
    Loop::fire_timers();
    EXPECT_EQ(keeper(), ann->seat->number()) << "it counts from the last report";
    now += 1s;
    Loop::fire_timers();
    EXPECT_EQ(keeper(), 0u);
    EXPECT_EQ(last(ann).first, Event::Idle);
    EXPECT_TRUE(bob->line->report(kA));
}

TEST_F(HoldTest, OutlastsABrokenConnectionForTenSeconds)
{
    auto ann = come("ann");
    const auto bob = come("bob");
    ASSERT_TRUE(ann->seat->keep());
    const unsigned number = ann->seat->number();
    ann.reset();
    now += Hold::kAway - 1s;
    Loop::fire_timers();
    EXPECT_EQ(kind_of(bob->line->report(kA)), Kind::Busy);
    ann = come("ann");
    EXPECT_EQ(ann->seat->number(), number);
    now += Hold::kAway;
    Loop::fire_timers();
    EXPECT_EQ(keeper(), number);
    ann.reset();
    now += Hold::kAway;
    Loop::fire_timers();
    EXPECT_EQ(keeper(), 0u);
    EXPECT_TRUE(bob->line->report(kA));
}

TEST_F(HoldTest, IsNotInheritedByThePagesNextAccount)
{
    auto ann = come("ann", false, "the page's random id");
    ASSERT_TRUE(ann->seat->keep());
    ann.reset();
    const auto bob = come("bob", false, "the page's random id");
    EXPECT_EQ(keeper(), 0u);
}

TEST_F(HoldTest, CountsTheLinesOfOneClientAsOnePerson)
{
    const auto ann = come("ann");
    auto again = come("ann");
    EXPECT_EQ(again->seat->number(), ann->seat->number());
    EXPECT_EQ(hold.state().here.size(), 1u);
    ASSERT_TRUE(ann->seat->keep());
    again.reset();
    now += Hold::kAway;
    Loop::fire_timers();
    EXPECT_EQ(keeper(), ann->seat->number()) << "the other line is still there";
}

TEST_F(HoldTest, ForgetsTheQuestionOfWhoLeaves)
{
    const auto ann = come("ann");
    auto bob = come("bob");
    ASSERT_TRUE(ann->seat->keep());
    ASSERT_TRUE(bob->seat->ask());
    const unsigned before = ann->changes;
    bob.reset();
    EXPECT_EQ(hold.state().asking, 0u);
    EXPECT_EQ(hold.state().here.size(), 1u);
    EXPECT_GT(ann->changes, before);
}

TEST_F(HoldTest, ShowsNoMorePeopleThanItHasRoomFor)
{
    std::vector<Person> crowd;
    for (size_t i = 0; i < Hold::kMost + 1; ++i)
        crowd.push_back(come("user " + std::to_string(i), true));
    EXPECT_EQ(hold.state().here.size(), Hold::kMost);
    EXPECT_EQ(crowd.back()->seat->number(), 0u);
    EXPECT_EQ(kind_of(crowd.back()->seat->keep()), Kind::Busy);
    EXPECT_EQ(kind_of(crowd.back()->seat->take()), Kind::Busy);
    EXPECT_TRUE(crowd.back()->line->report(kA)) << "it types as before";
}

TEST_F(HoldTest, StopsNobodyFromLettingAllKeysGo)
{
    const auto ann = come("ann");
    ASSERT_TRUE(ann->seat->keep());
    EXPECT_TRUE(ann->line->report(kA));
    input.reset();
    EXPECT_TRUE(all_up());
    EXPECT_EQ(keeper(), ann->seat->number());
}
