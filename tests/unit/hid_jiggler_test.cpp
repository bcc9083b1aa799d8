// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/hid/jiggler.h"
#include "tests/unit/loop.h"

#include <gtest/gtest.h>

using namespace panto;
using namespace panto::hid;
using namespace std::chrono_literals;
using Mode = Jiggler::Mode;

namespace
{

using Report = std::vector<uint8_t>;
using Reports = std::vector<Report>;

const Report kThere{0, 10, 10, 0};
const Report kReturn{0, 0xf6, 0xf6, 0};
const Report kStep{0, 1, 1, 0};
const Report kStepHeld{1, 1, 1, 0};

/// A Jiggler whose time the test moves. Firing the timers makes it look, and go back if it went.
class JigglerTest : public testing::Test
{
protected:
    void pass(Time::duration time)
    {
        now += time;
        Loop::fire_timers();
    }

    Time now{1h};
    std::vector<Report> sent;
    Input input{[this](std::span<const uint8_t> r) { sent.emplace_back(r.begin(), r.end()); },
                [this] { return now; }};
    Jiggler jiggler{input, [this] { return now; }};
};

} // namespace

TEST_F(JigglerTest, IsOffAtFirst)
{
    pass(15s);
    EXPECT_TRUE(sent.empty());
    EXPECT_FALSE(jiggler.mode());
}

TEST_F(JigglerTest, GoesThereAndBackWhileNobodyIsThere)
{
    jiggler.set(Mode::Relative);
    pass(15s);
    EXPECT_EQ(sent, Reports{kThere});
    pass(100ms);
    ASSERT_GE(sent.size(), 2u);
    EXPECT_EQ(sent[1], kReturn);
}

TEST_F(JigglerTest, GoesOnThoughItMovedItself)
{
    jiggler.set(Mode::Relative);
    for (int i = 0; i < 3; ++i) {
        sent.clear();
        pass(15s);
        EXPECT_FALSE(sent.empty()) << i;
    }
}

TEST_F(JigglerTest, MovesTheAbsolutePointerWhenThatIsWanted)
{
    jiggler.set(Mode::Absolute);
    pass(15s);
    pass(100ms);
    ASSERT_GE(sent.size(), 2u);
    EXPECT_EQ(sent[0], (Report{0, 0x00, 0x3f, 0x00, 0x3f, 0}));
    EXPECT_EQ(sent[1], (Report{0, 0xff, 0x3f, 0xff, 0x3f, 0}));
}

TEST_F(JigglerTest, RestsWhileSomebodyUsesTheInput)
{
    auto person = input.attach("a person");
    jiggler.set(Mode::Relative);
    now += 10s;
    (void)person->report(kStep);
    sent.clear();
    pass(5s);
    EXPECT_TRUE(sent.empty());
    pass(15s);
    EXPECT_EQ(sent, Reports{kThere});
}

TEST_F(JigglerTest, NeverMovesWhatSomebodyHolds)
{
    auto person = input.attach("a person", [] { return true; });
    (void)person->report(kStepHeld);
    jiggler.set(Mode::Relative);
    sent.clear();
    for (int i = 0; i < 5; ++i)
        pass(15s);
    EXPECT_TRUE(sent.empty());
}

TEST_F(JigglerTest, GivesWayToWhoeverMovesMeanwhile)
{
    auto person = input.attach("a person");
    jiggler.set(Mode::Relative);
    pass(15s);
    EXPECT_TRUE(person->report(kStep)) << "at once, not a second later";
    pass(100ms);
    EXPECT_EQ(sent, (Reports{kThere, kStep}));
    EXPECT_EQ(input.owner(), person.get());
}

TEST_F(JigglerTest, StopsWhenItIsSwitchedOff)
{
    jiggler.set(Mode::Relative);
    pass(15s);
    jiggler.set(std::nullopt);
    pass(100ms);
    pass(15s);
    EXPECT_EQ(sent, Reports{kThere});
}

TEST(JigglerMode, HasTheWiresWords)
{
    EXPECT_EQ(parse_jiggler_mode(text(Mode::Relative)), Mode::Relative);
    EXPECT_EQ(parse_jiggler_mode(text(Mode::Absolute)), Mode::Absolute);
    EXPECT_FALSE(parse_jiggler_mode("both"));
}
