// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/power/connect.h"
#include "tests/fakes/gpio_board.h"

#include <gtest/gtest.h>

using namespace panto;
using namespace panto::power::gpio;

namespace
{

constexpr char kBus[] = "/sys/devices/i2c-0/0-0020", kOther[] = "/sys/devices/other";

class SeatTest : public testing::Test
{
protected:
    Seat seat(const std::string &line) { return Seat{*parse_gpio_line(line), board.look()}; }
    /// Whether the line that `seat` requests is one of that device.
    bool drives(Seat &seat, const std::string &device, const std::string &label)
    {
        const auto line = seat.connect(Use::Output);
        return line && (*line)->write(true) && board.levels(device, label)[3];
    }

    Board board;
};

} // namespace

TEST_F(SeatTest, FollowsAChipThatWasWantedByNumberToItsNextNumber)
{
    board.add("gpiochip0", "0-0020", kBus);
    for (const char *wanted : {"gpiochip0/3", "/dev/gpiochip0/3", "gpiochip0/power-btn"}) {
        auto line = seat(wanted);
        ASSERT_TRUE(drives(line, kBus, "0-0020")) << wanted;
        board.remove("gpiochip0");
        EXPECT_EQ(line.connect(Use::Output).error().message,
                  "the GPIO chip that was " + parse_gpio_line(wanted)->chip +
                      " (0-0020 of /sys/devices/i2c-0/0-0020) is gone: see whether its driver has "
                      "it; there is none: load its driver");
        board.add("gpiochip1", "0-0020", kBus);
        EXPECT_TRUE(drives(line, kBus, "0-0020")) << wanted;
        board.remove("gpiochip1");
        board.add("gpiochip0", "0-0020", kBus);
    }
}

TEST_F(SeatTest, TakesNoOtherChipThatGotTheNumber)
{
    board.add("gpiochip0", "0-0020", kBus);
    auto line = seat("gpiochip0/3");
    ASSERT_TRUE(line.connect(Use::Output));
    board.remove("gpiochip0");
    board.add("gpiochip0", "0-0020", kOther);
    const auto refused = line.connect(Use::Output);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, Kind::NotFound);
    board.add("gpiochip7", "0-0020", kBus);
    EXPECT_TRUE(drives(line, kBus, "0-0020"));
    EXPECT_FALSE(board.levels(kOther, "0-0020")[3]);
}

TEST_F(SeatTest, TellsTheChipsOfOneDeviceByTheirLabels)
{
    board.add("gpiochip0", "bank-a", kBus);
    auto line = seat("gpiochip0/3");
    ASSERT_TRUE(line.connect(Use::Output));
    board.remove("gpiochip0");
    board.add("gpiochip0", "bank-b", kBus);
    EXPECT_FALSE(line.connect(Use::Output));
    board.add("gpiochip1", "bank-a", kBus);
    EXPECT_TRUE(drives(line, kBus, "bank-a"));
}

TEST_F(SeatTest, LooksAfreshForALabelOrALineOfAnyChip)
{
    board.add("gpiochip0", "front-panel", kBus);
    auto labelled = seat("front-panel/3"), named = seat("power-btn");
    ASSERT_TRUE(labelled.connect(Use::Output) && named.connect(Use::Output));
    board.remove("gpiochip0");
    board.add("gpiochip1", "front-panel", kOther);
    EXPECT_TRUE(drives(labelled, kOther, "front-panel"));
    EXPECT_TRUE(drives(named, kOther, "front-panel"));
}

TEST_F(SeatTest, IsTheNumberWhereTheDeviceCannotBeKnown)
{
    board.add("gpiochip0", "a", "");
    auto line = seat("gpiochip0/3");
    ASSERT_TRUE(line.connect(Use::Output));
    board.remove("gpiochip0");
    board.add("gpiochip0", "b", "");
    EXPECT_TRUE(drives(line, "", "b"));
}
