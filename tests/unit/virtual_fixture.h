// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/usbhid/keymap.h"
#include "lib/usbhid/layouts/layouts.h"
#include "lib/usbhid/report.h"
#include "lib/usbhid/usages.h"
#include "lib/virtual/computer.h"

#include <gtest/gtest.h>
#include <thread>

using namespace panto;
using namespace std::chrono_literals;

/// A virtual computer whose time the test moves, and hands for its keyboard and buttons.
class Virtual : public testing::Test
{
protected:
    using Button = VirtualComputer::Button;
    using State = VirtualComputer::State;

    void send(std::vector<uint8_t> report) { ASSERT_TRUE(computer.report(report)); }
    void keys(uint8_t modifiers, std::initializer_list<uint8_t> down)
    {
        std::vector<uint8_t> report{modifiers, 0};
        report.insert(report.end(), down);
        report.resize(hid::kKeyboardSize);
        send(report);
    }
    void tap(uint8_t usage, uint8_t modifiers = 0)
    {
        keys(modifiers, {usage});
        keys(0, {});
    }
    void type(std::string_view text)
    {
        for (const char c : text)
            for (const hid::Stroke &s : hid::strokes(hid::kLayoutUs, char32_t(c)))
                tap(s.usage, s.modifiers);
    }
    void absolute(unsigned x, unsigned y, uint8_t buttons = 0, int8_t wheel = 0)
    {
        send({buttons, uint8_t(x), uint8_t(x >> 8), uint8_t(y), uint8_t(y >> 8), uint8_t(wheel)});
    }
    void press_power(std::chrono::milliseconds length)
    {
        computer.hold(Button::Power, true);
        now += length;
        computer.hold(Button::Power, false);
    }
    void turn_off()
    {
        press_power(4s);
        ASSERT_EQ(computer.state(), State::Off);
    }
    void reboot()
    {
        computer.hold(Button::Reset, true);
        computer.hold(Button::Reset, false);
    }
    std::string last_line() const
    {
        const std::string text = computer.text();
        return text.substr(text.rfind('\n') + 1);
    }

    Time now{};
    VirtualComputer computer{640, 360, [this] { return now; }};
};
