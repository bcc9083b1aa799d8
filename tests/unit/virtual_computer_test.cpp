// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/unit/virtual_fixture.h"

TEST_F(Virtual, BeginsPoweredOnWithItsConsoleReady)
{
    EXPECT_EQ(computer.state(), State::Console);
    EXPECT_TRUE(computer.power_led());
    EXPECT_TRUE(computer.has_signal());
    EXPECT_EQ(last_line(), "$");
    EXPECT_EQ(computer.held(), 0u);
}

TEST_F(Virtual, IsOneAndTheSameForAllOfAProcess)
{
    EXPECT_EQ(&VirtualComputer::shared(), &VirtualComputer::shared());
    EXPECT_EQ(VirtualComputer::shared().state(), State::Console);
}

TEST_F(Virtual, RefusesAReportOfNoKnownLength)
{
    for (const size_t length : {0, 1, 3, 5, 7, 9, 64}) {
        const std::vector<uint8_t> bytes(length, 0xff);
        auto result = computer.report(bytes);
        ASSERT_FALSE(result) << length;
        EXPECT_EQ(result.error().kind, Kind::Invalid);
    }
    EXPECT_EQ(computer.held(), 0u);
}

TEST_F(Virtual, CountsTheKeysAndButtonsThatAreDown)
{
    keys(hid::kLeftShift | hid::kLeftAlt, {0x04, 0x05});
    send({hid::kLeft, 0, 0, 0});
    EXPECT_EQ(computer.held(), 5u);
    send({0xe9, 0});
    EXPECT_EQ(computer.held(), 6u) << "the consumer key that turns the volume up";
    keys(0, {});
    send({0, 0, 0, 0});
    send({0, 0});
    EXPECT_EQ(computer.held(), 0u);
}

TEST_F(Virtual, AnswersConcurrentCallersWithoutTearing)
{
    std::thread typist{[&] {
        for (int i = 0; i < 500; ++i) {
            keys(0, {uint8_t(0x04 + i % 26)});
            keys(0, {});
        }
    }};
    std::thread watcher{[&] {
        uint64_t revision = 0;
        for (int i = 0; i < 200; ++i) {
            const auto picture = computer.picture();
            ASSERT_TRUE(picture);
            EXPECT_GE(picture->revision, revision);
            revision = picture->revision;
        }
    }};
    typist.join();
    watcher.join();
    std::string typed;
    for (int i = 0; i < 500; ++i)
        typed += char('a' + i % 26);
    std::string shown = computer.text();
    std::erase(shown, '\n');
    EXPECT_NE(shown.find(typed), std::string::npos);
}

// The power and reset buttons

TEST_F(Virtual, APowerPressAsksItToShutDown)
{
    press_power(800ms);
    EXPECT_EQ(computer.state(), State::Console);
    EXPECT_NE(computer.text().find("Shutting down"), std::string::npos);
    now += 1s;
    EXPECT_EQ(computer.state(), State::Off);
    EXPECT_FALSE(computer.power_led());
    EXPECT_FALSE(computer.disk_led());
    EXPECT_EQ(computer.text(), "");
}

TEST_F(Virtual, HoldingPowerForFourSecondsCutsIt)
{
    computer.hold(Button::Power, true);
    now += 3999ms;
    EXPECT_EQ(computer.state(), State::Console);
    now += 1ms;
    EXPECT_EQ(computer.state(), State::Off);
    computer.hold(Button::Power, false);
    EXPECT_EQ(computer.state(), State::Off);
}

TEST_F(Virtual, APowerPressTurnsItOnAtOnceAndLettingGoLeavesItOn)
{
    turn_off();
    computer.hold(Button::Power, true);
    EXPECT_EQ(computer.state(), State::Post);
    now += 5s;
    computer.hold(Button::Power, false);
    EXPECT_EQ(computer.state(), State::Console);
}

TEST_F(Virtual, APowerPressInTheFirmwareTurnsItOffAtOnce)
{
    reboot();
    press_power(100ms);
    EXPECT_EQ(computer.state(), State::Off);
}

TEST_F(Virtual, ResetRebootsWhenLetGo)
{
    type("lost");
    computer.hold(Button::Reset, true);
    EXPECT_EQ(computer.state(), State::Console);
    computer.hold(Button::Reset, false);
    EXPECT_EQ(computer.state(), State::Post);
    now += 1500ms;
    EXPECT_EQ(computer.state(), State::Console);
    EXPECT_EQ(last_line(), "$");
}

TEST_F(Virtual, ResetDoesNothingWhenOff)
{
    turn_off();
    reboot();
    EXPECT_EQ(computer.state(), State::Off);
}

TEST_F(Virtual, PassesThroughTheFirmwareInAboutASecondAndAHalf)
{
    reboot();
    EXPECT_NE(computer.text().find("firmware"), std::string::npos);
    EXPECT_NE(computer.text().find("0 MB"), std::string::npos);
    now += 1499ms;
    EXPECT_EQ(computer.state(), State::Post);
    EXPECT_NE(computer.text().find("4096 MB OK"), std::string::npos);
    now += 1ms;
    EXPECT_EQ(computer.state(), State::Console);
}

TEST_F(Virtual, LightsTheDiskLedWhileItBootsAndBrieflyAfterEnter)
{
    EXPECT_FALSE(computer.disk_led());
    tap(hid::usage::kEnter);
    EXPECT_TRUE(computer.disk_led());
    now += 200ms;
    EXPECT_FALSE(computer.disk_led());
    reboot();
    EXPECT_TRUE(computer.disk_led());
    now += 1500ms;
    EXPECT_FALSE(computer.disk_led());
}

TEST_F(Virtual, LateCallsSeeWhatWasDueInItsOrder)
{
    computer.hold(Button::Power, true);
    now += 1h; // nobody asked meanwhile: the cut at 4 s still happened
    EXPECT_EQ(computer.state(), State::Off);
    EXPECT_FALSE(computer.disk_led());
}

TEST_F(Virtual, ShowsTheMediumInItsDrive)
{
    const auto empty = computer.picture();
    computer.insert("debian.iso");
    const auto loaded = computer.picture();
    EXPECT_NE(empty->i420, loaded->i420);
    reboot();
    now += 1400ms;
    EXPECT_NE(computer.text().find("debian.iso"), std::string::npos);
    now += 100ms;
    computer.insert("");
    EXPECT_NE(computer.picture()->i420, loaded->i420);
}

TEST_F(Virtual, ShowsAMediumWhoseNameIsNotText)
{
    computer.insert("\xff\xfe\nname");
    EXPECT_TRUE(computer.picture());
}
