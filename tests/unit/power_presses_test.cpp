// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/power/presses.h"

#include <gtest/gtest.h>

using namespace panto;
using namespace panto::power;
using namespace std::chrono_literals;

namespace
{

class PressesTest : public testing::Test
{
protected:
    std::vector<std::string> seen;
    bool broken = false;
    Presses presses{{wire("power"), wire("reset")}};
    Presses::Time start{};

private:
    Presses::Wire wire(const std::string &name)
    {
        return [this, name](bool down) -> Result<> {
            seen.push_back(name + (down ? " down" : " up"));
            return broken ? Error{Kind::Unavailable, "no wires"} : Result<>{ok};
        };
    }
};

using Seen = std::vector<std::string>;

} // namespace

TEST_F(PressesTest, HoldAButtonAsLongAsTheyWereTold)
{
    EXPECT_FALSE(presses.next());
    ASSERT_TRUE(presses.press(0, 800ms, start));
    EXPECT_EQ(*presses.next(), start + 800ms);
    EXPECT_TRUE(presses.let_go(start + 799ms).empty());
    EXPECT_EQ(seen, Seen{"power down"});
    const auto up = presses.let_go(start + 800ms);
    ASSERT_EQ(up.size(), 1u);
    EXPECT_EQ(up[0].button, 0u);
    EXPECT_TRUE(up[0].outcome);
    EXPECT_EQ(seen, (Seen{"power down", "power up"}));
    EXPECT_FALSE(presses.next());
}

TEST_F(PressesTest, KeepTheTimesOfButtonsApart)
{
    ASSERT_TRUE(presses.press(0, 5s, start));
    ASSERT_TRUE(presses.press(1, 1s, start + 1s));
    EXPECT_EQ(*presses.next(), start + 2s);
    EXPECT_EQ(presses.let_go(start + 2s).at(0).button, 1u);
    EXPECT_EQ(presses.let_go(start + 5s).at(0).button, 0u);
}

TEST_F(PressesTest, RefuseAHeldButtonAndKeepItsTime)
{
    ASSERT_TRUE(presses.press(0, 1s, start));
    EXPECT_EQ(presses.press(0, 30s, start + 500ms).error().kind, Kind::Busy);
    EXPECT_EQ(presses.let_go(start + 1s).size(), 1u);
    EXPECT_EQ(seen, (Seen{"power down", "power up"}));
}

TEST_F(PressesTest, AreBounded)
{
    for (const auto hold : {-1ms, 0ms, 30'001ms, std::chrono::milliseconds::max()})
        EXPECT_EQ(presses.press(0, hold, start).error().kind, Kind::Invalid) << hold.count();
    EXPECT_EQ(presses.press(2, 1s, start).error().kind, Kind::Invalid);
    EXPECT_TRUE(seen.empty());
    EXPECT_TRUE(presses.press(0, 30s, start));
}

TEST_F(PressesTest, TryToLetGoAgainUntilTheWireDoesAndTellOfItOnce)
{
    ASSERT_TRUE(presses.press(0, 1s, start));
    broken = true;
    const auto up = presses.let_go(start + 1s);
    ASSERT_EQ(up.size(), 1u);
    EXPECT_EQ(up[0].outcome.error().message, "no wires");
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(presses.next());
        EXPECT_TRUE(presses.let_go(*presses.next()).empty());
    }
    EXPECT_EQ(presses.press(0, 1s, start + 2s).error().kind, Kind::Busy) << "it may be down";
    broken = false;
    EXPECT_TRUE(presses.let_go(*presses.next()).empty());
    EXPECT_FALSE(presses.next());
    EXPECT_EQ(seen,
              (Seen{"power down", "power up", "power up", "power up", "power up", "power up"}));
}

TEST_F(PressesTest, TryLessOftenTheLongerAWireDoesNotLetGo)
{
    ASSERT_TRUE(presses.press(0, 1s, start));
    broken = true;
    (void)presses.let_go(start + 1s);
    EXPECT_EQ(*presses.next(), start + 1s + 20ms);
    for (int i = 0; i < 10; ++i)
        (void)presses.let_go(*presses.next());
    const auto last = *presses.next();
    (void)presses.let_go(last);
    EXPECT_EQ(*presses.next(), last + 320ms);
}

TEST_F(PressesTest, LetGoWhatFailedToGoDown)
{
    broken = true;
    EXPECT_EQ(presses.press(0, 1s, start).error().message, "no wires");
    EXPECT_EQ(seen, (Seen{"power down", "power up"}));
    EXPECT_FALSE(presses.next());
}

TEST_F(PressesTest, EndTogether)
{
    ASSERT_TRUE(presses.press(0, 30s, start));
    ASSERT_TRUE(presses.press(1, 20s, start));
    presses.end_all(start + 1s);
    EXPECT_EQ(presses.let_go(start + 1s).size(), 2u);
    EXPECT_EQ(seen, (Seen{"power down", "reset down", "power up", "reset up"}));
}
