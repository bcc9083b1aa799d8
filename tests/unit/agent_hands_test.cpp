// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/agent/hands.h"
#include "tests/unit/loop.h"

#include <gtest/gtest.h>

using namespace panto;
using namespace panto::agent;
using namespace std::chrono_literals;

namespace
{

using Report = std::vector<uint8_t>;
using Reports = std::vector<Report>;

const Report kA{0, 0, 4, 0, 0, 0, 0, 0};
const Report kB{0, 0, 5, 0, 0, 0, 0, 0};
const Report kUp(8, 0);
const Report kStep{0, 1, 1, 0};
const Error kGone{Kind::Unavailable, "the node is gone"};

/// Hands whose time the test moves; firing the timers lets them take their next step.
class HandsTest : public testing::Test
{
protected:
    void begin(std::deque<Hands::Step> steps)
    {
        result.reset();
        hands.perform(std::move(steps), [this](Result<> r) { result = std::move(r); });
    }
    void hold_a() { begin({{{kA}, 1s}, {{kUp}, 0ms}}); }
    void pass(Time::duration time)
    {
        now += time;
        Loop::fire_timers();
    }
    Kind kind() const { return result->error().kind; }

    Time now{1h};
    size_t waiting = 0;
    uint64_t lost = 0;
    size_t unready = 0;
    Reports sent;
    hid::Input input{[this](std::span<const uint8_t> r) { sent.emplace_back(r.begin(), r.end()); },
                     [this] { return now; }};
    std::optional<Result<>> result; // outlives the hands, which answer when they end
    hid::Cable cable{[this] { return waiting; }, [this] { return lost; },
                     [this](size_t size) { return size == unready ? Result<>{kGone} : ok; }};
    Hands hands{input, cable, [this] { return now; }};
};

} // namespace

TEST_F(HandsTest, DoWhatTheyAreToldAndAnswerThen)
{
    hold_a();
    EXPECT_EQ(sent, Reports{kA});
    EXPECT_FALSE(result);
    pass(1s);
    EXPECT_EQ(sent, (Reports{kA, kUp}));
    Loop::fire_timers();
    ASSERT_TRUE(result && *result);
    EXPECT_EQ(input.owner(), nullptr) << "the input is free again";
}

TEST_F(HandsTest, HoldAKeyLongerThanALeaseLasts)
{
    hold_a();
    for (int i = 0; i < 10; ++i) {
        now += 90ms;
        Loop::fire_timers();
    }
    EXPECT_EQ(sent, Reports{kA});
    pass(100ms);
    EXPECT_EQ(sent, (Reports{kA, kUp}));
}

TEST_F(HandsTest, GiveWayToAPersonAtOnce)
{
    auto person = input.attach("person", [] { return true; });
    hold_a();
    EXPECT_TRUE(person->report(kB));
    EXPECT_EQ(sent, (Reports{kA, kUp, kB})) << "what they held goes up first";
    pass(1s);
    ASSERT_TRUE(result);
    EXPECT_EQ(kind(), Kind::Busy);
    EXPECT_EQ(result->error().message, "a person has taken over, after 1 of 2 steps");
    EXPECT_EQ(sent.size(), 3u);
}

TEST_F(HandsTest, DoNotComeBackWhenAPersonTookOverAndWentAway)
{
    hold_a();
    {
        auto person = input.attach("person");
        EXPECT_TRUE(person->report(kStep));
    }
    pass(10s);
    ASSERT_TRUE(result);
    EXPECT_EQ(kind(), Kind::Busy);
    EXPECT_EQ(sent.back(), kStep);
}

TEST_F(HandsTest, KeepStillForTwoSecondsAfterAPerson)
{
    {
        auto person = input.attach("person");
        EXPECT_TRUE(person->report(kB));
        EXPECT_TRUE(person->report(kUp));
    }
    sent.clear();
    hold_a();
    ASSERT_TRUE(result);
    EXPECT_EQ(kind(), Kind::Busy);
    EXPECT_EQ(result->error().message, "a person is at work; try again in 2 s");
    now += 1900ms;
    hold_a();
    EXPECT_EQ(result->error().message, "a person is at work; try again in 1 s");
    EXPECT_TRUE(sent.empty());
    now += 100ms;
    hold_a();
    EXPECT_FALSE(result);
    EXPECT_EQ(sent, Reports{kA});
}

TEST_F(HandsTest, KeepStillWhileAPersonHoldsSomething)
{
    auto person = input.attach("person", [] { return true; });
    EXPECT_TRUE(person->report(kB));
    now += 10s;
    hold_a();
    ASSERT_TRUE(result);
    EXPECT_EQ(kind(), Kind::Busy);
    EXPECT_EQ(sent, Reports{kB});
}

TEST_F(HandsTest, MayBeginSoonAfterAPersonOnlyMovedThePointer)
{
    auto person = input.attach("person");
    EXPECT_TRUE(person->report(kStep));
    now += 500ms;
    hold_a();
    ASSERT_TRUE(result) << "for a second the input is the person's";
    EXPECT_EQ(result->error().message, "a person is at work; try again in 1 s");
    now += 500ms;
    hold_a();
    EXPECT_FALSE(result);
}

TEST_F(HandsTest, DoOneThingAtATime)
{
    hold_a();
    std::optional<Result<>> second;
    hands.perform({{{kB}, 0ms}}, [&](Result<> r) { second = std::move(r); });
    ASSERT_TRUE(second);
    EXPECT_EQ(second->error().kind, Kind::Busy);
    EXPECT_EQ(sent, Reports{kA});
    EXPECT_FALSE(result) << "the first goes on";
}

TEST_F(HandsTest, WaitUntilTheComputerHasTakenAll)
{
    waiting = 1;
    begin({{{kA, kUp}, 0ms}});
    Loop::fire_timers();
    EXPECT_FALSE(result);
    waiting = 0;
    Loop::fire_timers();
    EXPECT_TRUE(result && *result);
}

TEST_F(HandsTest, StayOnlyALittleAheadOfTheComputer)
{
    waiting = 4;
    begin({{{kA, kUp}, 0ms}});
    EXPECT_TRUE(sent.empty());
    waiting = 3;
    Loop::fire_timers();
    EXPECT_EQ(sent.size(), 2u);
}

TEST_F(HandsTest, GiveUpWhenTheComputerTakesNothingFor30Seconds)
{
    waiting = 4;
    begin({{{kA, kUp}, 0ms}});
    pass(29s);
    EXPECT_FALSE(result);
    pass(1s);
    ASSERT_TRUE(result);
    EXPECT_EQ(kind(), Kind::Timeout);
    EXPECT_EQ(result->error().message, "the computer takes no more input, after 0 of 1 steps");
}

TEST_F(HandsTest, LetAllGoWhenTheyAreCancelled)
{
    hold_a();
    hands.cancel("switched off");
    ASSERT_TRUE(result);
    EXPECT_EQ(kind(), Kind::Unavailable);
    EXPECT_EQ(sent, (Reports{kA, kUp}));
    hands.cancel("once more does nothing");
    hold_a();
    EXPECT_FALSE(result) << "nobody has to wait after that";
}

TEST_F(HandsTest, LetAllGoWhenTheyEnd)
{
    {
        Hands mortal{input, {}, [this] { return now; }};
        mortal.perform({{{kA}, 1s}, {{kUp}, 0ms}}, [this](Result<> r) { result = std::move(r); });
    }
    EXPECT_EQ(sent, (Reports{kA, kUp}));
    EXPECT_EQ(kind(), Kind::Unavailable);
}

TEST_F(HandsTest, DoNothingThatWouldGetNowhere)
{
    unready = kStep.size();
    begin({{{kA}, 0ms}, {{kUp, kStep}, 0ms}});
    ASSERT_TRUE(result);
    EXPECT_EQ(result->error().message, kGone.message);
    EXPECT_TRUE(sent.empty());
    hold_a();
    EXPECT_FALSE(result) << "the keyboard is there";
}

TEST_F(HandsTest, StopWhenAKeyIsLost)
{
    hold_a();
    ++lost;
    pass(1ms);
    ASSERT_TRUE(result);
    EXPECT_EQ(kind(), Kind::Unavailable);
    EXPECT_EQ(result->error().message, "the computer took not all of the keys, after 1 of 2 steps");
    EXPECT_EQ(sent, (Reports{kA, kUp}));
}
