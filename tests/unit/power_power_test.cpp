// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/power/gpio_panel.h"
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
    std::vector<Done<>> up; ///< what the wires call when they are up again
    Leds leds;
    bool wired = true;
    std::function<void()> changed;
    Panel panel{button("power"), button("reset"),
                [this]() -> Result<Leds> {
                    return wired ? Result<Leds>{leds} : Error{Kind::Unavailable, "no wires"};
                },
                [this](const std::function<void()> &fn) { changed = fn; }};
    std::unique_ptr<Power> power = std::make_unique<Power>(panel);
    std::optional<Result<>> result;

private:
    Panel::Button button(const std::string &name)
    {
        return [this, name](std::chrono::milliseconds hold, const Done<> &done) {
            seen.push_back(name + " " + std::to_string(hold.count()));
            up.push_back(done);
        };
    }
};

} // namespace

TEST_F(PowerTest, HoldsAButtonAndAnswersWhenItIsUpAgain)
{
    press("power");
    EXPECT_EQ(seen, std::vector<std::string>{"power 800"});
    EXPECT_FALSE(result);
    up[0](ok);
    ASSERT_TRUE(result);
    EXPECT_TRUE(*result);
}

TEST_F(PowerTest, HasTwoButtonsThatWorkByThemselves)
{
    press("power");
    press("reset", 20ms);
    EXPECT_EQ(seen, (std::vector<std::string>{"power 800", "reset 20"}));
}

TEST_F(PowerTest, HoldsAButtonOnce)
{
    press("power");
    press("power");
    EXPECT_EQ(kind(), Kind::Busy);
    up[0](ok);
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
    for (const auto hold : {-1ms, 0ms}) {
        press("reset", hold);
        EXPECT_EQ(kind(), Kind::Invalid) << hold.count();
    }
    EXPECT_TRUE(seen.empty());
    press("reset", 1ms);
    press("power", 30s);
    EXPECT_EQ(seen, (std::vector<std::string>{"reset 1", "power 30000"}));
}

TEST_F(PowerTest, HoldsForHalfAMinuteWhateverMoreIsAskedFor)
{
    press("reset", 30'001ms);
    press("power", std::chrono::milliseconds::max());
    EXPECT_EQ(seen, (std::vector<std::string>{"reset 30000", "power 30000"}));
}

TEST_F(PowerTest, SaysWhenTheWiresDoNotWork)
{
    press("power");
    up[0](Error{Kind::Unavailable, "no wires"});
    EXPECT_EQ(kind(), Kind::Unavailable);
    EXPECT_EQ(result->error().message, "press power: no wires");
    press("power");
    EXPECT_FALSE(result) << "and is not stuck";
}

TEST_F(PowerTest, SaysWhenTheLedsChange)
{
    std::vector<std::optional<Leds>> shown;
    power->on_leds = [&](const std::optional<Leds> &l) { shown.push_back(l); };
    changed();
    changed();
    leds = {true, false};
    changed();
    changed();
    EXPECT_EQ(shown, (std::vector<std::optional<Leds>>{Leds{}, Leds{true, false}}));
    EXPECT_EQ(*power->leds(), (Leds{true, false}));
}

TEST_F(PowerTest, SaysThatTheLedsAreNotKnownWhenTheyCannotBeReadAnyLonger)
{
    std::vector<std::optional<Leds>> shown;
    power->on_leds = [&](const std::optional<Leds> &l) { shown.push_back(l); };
    wired = false;
    changed();
    EXPECT_TRUE(shown.empty()) << "they never were";
    wired = true;
    leds = {true, true};
    changed();
    wired = false;
    changed();
    changed();
    EXPECT_EQ(power->leds().error().message, "no wires");
    wired = true;
    changed();
    EXPECT_EQ(shown,
              (std::vector<std::optional<Leds>>{Leds{true, true}, std::nullopt, Leds{true, true}}));
}

TEST(Panel, OfTheVirtualComputerHoldsItsButtonsAndLetsThemGo)
{
    auto &computer = VirtualComputer::shared();
    ASSERT_NE(computer.state(), VirtualComputer::State::Post);
    int done = 0;
    {
        const Panel panel = virtual_panel();
        panel.reset(20ms, [&](const Result<> &up) { done += bool(up); });
        EXPECT_NE(computer.state(), VirtualComputer::State::Post) << "it reboots on release";
        Loop::fire_timers();
        EXPECT_EQ(done, 1);
        EXPECT_EQ(computer.state(), VirtualComputer::State::Post);
        auto leds = panel.leds();
        ASSERT_TRUE(leds);
        EXPECT_EQ(*leds, (Leds{computer.power_led(), computer.disk_led()}));
    }
    EXPECT_EQ(done, 1);
}

TEST(Panel, LetsGoOfTheVirtualComputersButtonsWhenItGoes)
{
    auto &computer = VirtualComputer::shared();
    computer.hold(VirtualComputer::Button::Reset, true);
    computer.hold(VirtualComputer::Button::Reset, false);
    ASSERT_EQ(computer.state(), VirtualComputer::State::Post);
    bool done = false;
    auto panel = std::make_unique<Panel>(virtual_panel());
    panel->power(30s, [&](const Result<> &) { done = true; });
    panel.reset();
    EXPECT_EQ(computer.state(), VirtualComputer::State::Off) << "its firmware obeys a short press";
    Loop::fire_timers();
    EXPECT_FALSE(done);
}

TEST(Panel, OfTheVirtualComputerSaysWhenItsLedsChangeAndNotElse)
{
    auto &computer = VirtualComputer::shared();
    const auto start = computer.state() == VirtualComputer::State::Off
                           ? VirtualComputer::Button::Power
                           : VirtualComputer::Button::Reset;
    computer.hold(start, true);
    computer.hold(start, false);
    ASSERT_EQ(computer.state(), VirtualComputer::State::Post);
    int told = 0;
    const Panel panel = virtual_panel();
    panel.watch([&] { ++told; });
    Loop::run();
    EXPECT_EQ(told, 1) << "what they are";
    Loop::run();
    EXPECT_EQ(told, 1);
    computer.hold(VirtualComputer::Button::Power, true);
    computer.hold(VirtualComputer::Button::Power, false); // its firmware obeys a short press
    ASSERT_EQ(computer.state(), VirtualComputer::State::Off);
    Loop::run();
    EXPECT_EQ(told, 2);
}

TEST(Panel, ThatIsNotThereIsUnavailable)
{
    const Panel panel = no_panel();
    for (const auto &button : {panel.power, panel.reset}) {
        std::optional<Kind> kind;
        button(800ms, [&](const Result<> &up) { kind = up.error().kind; });
        EXPECT_EQ(kind, Kind::Unavailable);
    }
    EXPECT_EQ(panel.leds().error().kind, Kind::Unavailable);
}

TEST(PanelLeds, AreEachByItself)
{
    const Result<bool> lit = true, dark = false, lost = Error{Kind::Unavailable, "lost"};
    const auto shown = [](const Result<bool> *power, const Result<bool> *disk) {
        const auto read = leds_of(power, disk);
        return read ? std::string{read->power ? "power " : ""} + (read->disk ? "disk" : "")
                    : read.error().message;
    };
    EXPECT_EQ(shown(&lit, nullptr), "power ");
    EXPECT_EQ(shown(nullptr, &lit), "disk");
    EXPECT_EQ(shown(&dark, &lit), "disk");
    EXPECT_EQ(shown(&lit, &lost), "power ");
    EXPECT_EQ(shown(&lost, &lit), "lost");
    EXPECT_EQ(shown(nullptr, &lost), "lost");
    EXPECT_EQ(shown(nullptr, nullptr), "no GPIO line is set: power.power_led");
}
