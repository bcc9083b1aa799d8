// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/power/power.h"
#include "lib/virtual/computer.h"
#include "tests/unit/loop.h"

#include <gtest/gtest.h>
#include <optional>

using namespace panto;
using namespace panto::power;
using namespace std::chrono_literals;

namespace
{

class PowerTest : public testing::Test
{
protected:
    void press(const std::string &button, std::chrono::milliseconds hold = 800ms)
    {
        result.reset();
        power->press(button, hold, [this](Result<> r) { result = std::move(r); });
    }
    Kind kind() const { return result && !*result ? result->error().kind : Kind::Internal; }

    std::vector<std::string> seen;
    bool wired = true;
    Leds leds;
    Panel panel{[this](bool down) { return wire("power", down); },
                [this](bool down) { return wire("reset", down); },
                [this]() -> Result<Leds> {
                    return wired ? Result<Leds>{leds} : Error{Kind::Unavailable, "no wires"};
                }};
    std::unique_ptr<Power> power = std::make_unique<Power>(panel);
    std::optional<Result<>> result;

private:
    Result<> wire(const std::string &name, bool down)
    {
        if (!wired)
            return Error{Kind::Unavailable, "no wires"};
        seen.push_back(name + (down ? " down" : " up"));
        return ok;
    }
};

} // namespace

TEST_F(PowerTest, HoldsAButtonAndAnswersWhenItLetGo)
{
    press("power");
    EXPECT_EQ(seen, std::vector<std::string>{"power down"});
    EXPECT_FALSE(result);
    Loop::fire_timers();
    EXPECT_EQ(seen, (std::vector<std::string>{"power down", "power up"}));
    ASSERT_TRUE(result);
    EXPECT_TRUE(*result);
}

TEST_F(PowerTest, HasTwoButtonsThatWorkByThemselves)
{
    press("power");
    press("reset");
    EXPECT_EQ(seen, (std::vector<std::string>{"power down", "reset down"}));
}

TEST_F(PowerTest, HoldsAButtonOnce)
{
    press("power");
    press("power");
    EXPECT_EQ(kind(), Kind::Busy);
    Loop::fire_timers();
    press("power");
    EXPECT_FALSE(result) << "there is room again";
}

TEST_F(PowerTest, KnowsNoOtherButton)
{
    for (const char *name : {"", "Power", "hdd", "power "}) {
        press(name);
        EXPECT_EQ(kind(), Kind::NotFound) << name;
    }
    EXPECT_TRUE(seen.empty());
}

TEST_F(PowerTest, HoldsForAMillisecondToHalfAMinute)
{
    for (const auto hold : {-1ms, 0ms, 30'001ms, std::chrono::milliseconds::max()}) {
        press("reset", hold);
        EXPECT_EQ(kind(), Kind::Invalid) << hold.count();
    }
    EXPECT_TRUE(seen.empty());
    press("reset", 1ms);
    press("power", 30s);
    EXPECT_EQ(seen, (std::vector<std::string>{"reset down", "power down"}));
}

TEST_F(PowerTest, NeverLeavesAButtonPressed)
{
    press("power", 30s);
    press("reset", 30s);
    power.reset();
    EXPECT_EQ(seen, (std::vector<std::string>{"power down", "reset down", "power up", "reset up"}));
}

TEST_F(PowerTest, SaysWhenTheWiresDoNotWork)
{
    wired = false;
    press("power");
    EXPECT_EQ(kind(), Kind::Unavailable);
    wired = true;
    press("power");
    EXPECT_FALSE(result) << "and is not stuck";
    wired = false;
    Loop::fire_timers();
    EXPECT_EQ(kind(), Kind::Unavailable) << "when it cannot let go, too";
}

TEST_F(PowerTest, SaysWhenTheLedsChange)
{
    std::vector<Leds> shown;
    power->on_leds = [&](const Leds &l) { shown.push_back(l); };
    Loop::fire_timers();
    EXPECT_TRUE(shown.empty());
    leds = {true, false};
    Loop::fire_timers();
    Loop::fire_timers();
    EXPECT_EQ(shown, (std::vector<Leds>{{true, false}}));
    EXPECT_EQ(*power->leds(), (Leds{true, false}));
}

TEST(Panel, OfTheVirtualComputerPressesItsButtons)
{
    auto &computer = VirtualComputer::shared();
    const Panel panel = virtual_panel();
    EXPECT_TRUE(panel.power(true));
    EXPECT_TRUE(panel.power(false));
    auto leds = panel.leds();
    ASSERT_TRUE(leds);
    EXPECT_EQ(*leds, (Leds{computer.power_led(), computer.disk_led()}));
}

TEST(Panel, ThatIsNotThereIsUnavailable)
{
    const Panel panel = no_panel();
    for (const auto &line : {panel.power, panel.reset})
        EXPECT_EQ(line(true).error().kind, Kind::Unavailable);
    EXPECT_EQ(panel.leds().error().kind, Kind::Unavailable);
}
