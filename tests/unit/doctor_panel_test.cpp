// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/doctor/panel.h"

#include <gtest/gtest.h>
#include <map>

using namespace panto;
using doctor::Finding;
using doctor::State;
using power::gpio::Spot;

namespace
{

/// A machine with one chip, whose first lines have names.
Result<Spot> locate(const GpioLine &line)
{
    static const std::map<std::string, unsigned> names{{"power-btn", 0}, {"reset-btn", 1}};
    if (line.name.empty())
        return Spot{"gpiochip0", line.offset, ""};
    if (const auto found = names.find(line.name); found != names.end())
        return Spot{"gpiochip0", found->second, ""};
    return Error{Kind::NotFound, "no GPIO line is called \"" + line.name + "\""};
}

Finding examine(const config::Power &power)
{
    return doctor::examine_panel(power, locate);
}

config::Power panel()
{
    config::Power power;
    power.backend = "gpio";
    power.power_button = "power-btn";
    power.reset_button = "reset-btn";
    power.power_led = "gpiochip0/2 active-low";
    return power;
}

void expect_one_line(const config::Power &power, const std::string &what)
{
    const Finding found = examine(power);
    EXPECT_EQ(found.state, State::Broken) << found.what;
    EXPECT_EQ(found.what, what);
    EXPECT_EQ(found.cure, "name another line for one of the two");
}

} // namespace

TEST(PanelDoctor, FindsTwoButtonsOnOneLineWhateverTheLineIsCalled)
{
    config::Power power = panel();
    power.reset_button = "gpiochip0/0 active-low";
    expect_one_line(power, "power.reset_button: gpiochip0/0 is the line of power.power_button");
}

TEST(PanelDoctor, FindsALedOnTheLineOfAButton)
{
    config::Power power = panel();
    power.disk_led = "front-panel/1";
    expect_one_line(power, "power.disk_led: gpiochip0/1 is the line of power.reset_button");
}

TEST(PanelDoctor, HasNothingAgainstLinesOfTheirOwn)
{
    const Finding found = examine(panel());
    EXPECT_EQ(found.what.find("is the line of"), std::string::npos) << found.what;
    EXPECT_NE(found.cure, "name another line for one of the two");
}
