// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/hid/input.h"
#include "lib/usbhid/report.h"
#include "tests/unit/loop.h"

#include <gtest/gtest.h>
#include <vector>

namespace panto::hid
{

using namespace std::chrono_literals;

using Report = std::vector<uint8_t>;

inline const Report kA{0, 0, 4, 0, 0, 0, 0, 0};
inline const Report kNoKeys(kKeyboardSize, 0);
inline const Report kStep{0, 1, 1, 0};
inline const Report kStepHeld{kLeft, 1, 1, 0};
inline const Report kNoButtons(kRelativeSize, 0);
inline const Report kPlay{0xcd, 0};
inline const Report kNoConsumerKey{0, 0};

inline Report absolute(uint8_t buttons, unsigned x, unsigned y, uint8_t wheel = 0)
{
    return {buttons, uint8_t(x), uint8_t(x >> 8), uint8_t(y), uint8_t(y >> 8), wheel};
}

/// An Input whose reports are kept, and whose time the test moves.
class InputTest : public testing::Test
{
protected:
    /// Lets time pass, with the lease looked at every 100 ms of it.
    void pass(std::chrono::milliseconds time)
    {
        for (; time > 0ms; time -= 100ms) {
            now += std::min<std::chrono::milliseconds>(time, 100ms);
            Loop::fire_timers();
        }
    }
    Report last() const { return sent.empty() ? Report{} : sent.back(); }
    /// What the computer sees held, by the last report of each kind.
    bool all_up() const
    {
        Report keyboard = kNoKeys, consumer = kNoConsumerKey;
        uint8_t relative_buttons = 0, absolute_buttons = 0;
        for (const Report &r : sent) {
            if (r.size() == kKeyboardSize)
                keyboard = r;
            else if (r.size() == kConsumerSize)
                consumer = r;
            else
                (r.size() == kRelativeSize ? relative_buttons : absolute_buttons) = r[0];
        }
        return keyboard == kNoKeys && consumer == kNoConsumerKey && relative_buttons == 0 &&
               absolute_buttons == 0;
    }

    Time now{1h};
    std::vector<Report> sent;
    Input input{[this](std::span<const uint8_t> r) { sent.emplace_back(r.begin(), r.end()); },
                [this] { return now; }, true};
};

} // namespace panto::hid
