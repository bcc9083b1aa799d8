// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/base/gpio_line.h"

#include <gtest/gtest.h>

using namespace panto;

TEST(GpioLine, IsAChipAndAnOffset)
{
    EXPECT_EQ(*parse_gpio_line("gpiochip0/3"), (GpioLine{"gpiochip0", "", 3, false}));
    EXPECT_EQ(*parse_gpio_line("0-0020/0"), (GpioLine{"0-0020", "", 0, false})) << "a label";
    EXPECT_EQ(*parse_gpio_line("/dev/gpiochip2/11"), (GpioLine{"/dev/gpiochip2", "", 11, false}));
}

TEST(GpioLine, IsAName)
{
    EXPECT_EQ(*parse_gpio_line("power-led"), (GpioLine{"", "power-led", 0, false}));
    EXPECT_EQ(*parse_gpio_line("gpiochip0/power-led"),
              (GpioLine{"gpiochip0", "power-led", 0, false}));
    EXPECT_EQ(*parse_gpio_line("PIN 7"), (GpioLine{"", "PIN 7", 0, false}));
    EXPECT_EQ(*parse_gpio_line("gpiochip0/I2C/SDA"), (GpioLine{"gpiochip0", "I2C/SDA", 0, false}));
}

TEST(GpioLine, MayBeActiveLow)
{
    EXPECT_EQ(*parse_gpio_line("gpiochip0/3 active-low"), (GpioLine{"gpiochip0", "", 3, true}));
    EXPECT_EQ(*parse_gpio_line("power-led active-low"), (GpioLine{"", "power-led", 0, true}));
}

TEST(GpioLine, IsNothingElse)
{
    for (const char *wrong :
         {"", " ", "/", "/3", "gpiochip0/", "gpiochip0/ active-low", "/dev/gpiochip0",
          " gpiochip0/3", "gpiochip0/3 ", "gpiochip0 /3", "power\nled", "gpiochip0/4294967296"}) {
        const auto line = parse_gpio_line(wrong);
        ASSERT_FALSE(line) << wrong;
        EXPECT_EQ(line.error().kind, Kind::Invalid);
    }
}

TEST(GpioLine, IsNoNumberWithoutItsChip)
{
    EXPECT_EQ(
        parse_gpio_line("507").error().message,
        "needs its chip, as in \"gpiochip0/3\": a number alone means another line on each chip");
}
