// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/power/wire.h"

#include "daemon/power/presses.h"
#include "tests/fakes/gpio_board.h"

#include <gtest/gtest.h>

using namespace panto;
using namespace panto::power;
using namespace std::chrono_literals;

namespace
{

constexpr char kBus[] = "/sys/devices/i2c-0/0-0020", kLabel[] = "0-0020";

/// A button on a chip that is wanted by number, whose levels outlive its driver's hold on it.
class WireTest : public testing::Test
{
protected:
    void probe(const std::string &name) { board.add(name, kLabel, kBus); }
    bool down() { return board.levels(kBus, kLabel)[3]; }

    gpio::Board board;
    std::vector<std::string> told;
    Wire wire{[seat = gpio::Seat{*parse_gpio_line("gpiochip0/3"), board.look()}]() mutable {
                  return seat.connect(gpio::Use::Output);
              },
              [this](const std::string &trouble) { told.push_back(trouble); }};
    Presses presses{{[this](bool down) { return wire.set(down); }}};
    Presses::Time start{};
};

} // namespace

TEST_F(WireTest, PressesAtOnceWhenItsChipCameBackByAnotherNumber)
{
    probe("gpiochip0");
    ASSERT_TRUE(wire.connect());
    board.remove("gpiochip0");
    probe("gpiochip1");
    EXPECT_TRUE(wire.set(true));
    EXPECT_TRUE(down());
}

TEST_F(WireTest, LooksOnceForAChipThatIsGone)
{
    probe("gpiochip0");
    ASSERT_TRUE(wire.connect());
    board.remove("gpiochip0");
    board.looks = 0;
    const auto refused = wire.set(true);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message.find("the GPIO chip that was gpiochip0 (0-0020 of "), 0u);
    EXPECT_EQ(board.looks, 1);
    EXPECT_FALSE(wire.connected());
    EXPECT_EQ(told, std::vector{refused.error().message});
}

TEST_F(WireTest, LetsGoWhenItsChipWasAwayDuringAPress)
{
    probe("gpiochip0");
    ASSERT_TRUE(presses.press(0, 20s, start));
    board.remove("gpiochip0");
    probe("gpiochip1");
    ASSERT_TRUE(down()) << "else there is nothing to let go";
    const auto up = presses.let_go(start + 20s);
    ASSERT_EQ(up.size(), 1u);
    EXPECT_TRUE(up[0].outcome);
    EXPECT_FALSE(down());
}

TEST_F(WireTest, LetsGoAsSoonAsItsChipIsBackWhenThatIsAwayAtThePressesEnd)
{
    probe("gpiochip0");
    ASSERT_TRUE(presses.press(0, 1s, start));
    board.remove("gpiochip0");
    EXPECT_FALSE(presses.let_go(start + 1s).at(0).outcome);
    for (int i = 0; i < 20; ++i)
        (void)presses.let_go(*presses.next());
    ASSERT_TRUE(down());
    probe("gpiochip1");
    (void)presses.let_go(*presses.next());
    EXPECT_FALSE(down());
    EXPECT_FALSE(presses.next()) << "nothing is owed any more";
    EXPECT_EQ(told.back(), "");
}
