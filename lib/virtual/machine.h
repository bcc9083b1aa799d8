// SPDX-License-Identifier: LGPL-2.1-or-later
/// VirtualComputer::Machine: the computer behind its lock. Time passes only in advance().
#pragma once

#include "lib/usbhid/report.h"
#include "lib/virtual/computer.h"
#include "lib/virtual/console.h"
#include "lib/virtual/screen.h"

#include <mutex>
#include <optional>

namespace panto
{

class LedWatch;

struct VirtualComputer::Machine {
    Machine(unsigned width, unsigned height, Clock clock);

    // Every caller holds the mutex and has called advance().
    void advance();
    void boot();
    void turn_off();
    void hold(Button button, bool down);
    void keyboard(const hid::KeyboardReport &report);
    void absolute(std::span<const uint8_t> report);
    void relative(std::span<const uint8_t> report);
    void consumer(uint16_t usage);
    void resize(unsigned width, unsigned height);
    Console::Rows rows() const;
    std::shared_ptr<const Picture> picture();
    Leds lit() const;
    /// Rings for those who watch the LEDs: now if they have changed, else when they next may.
    void tell();

    mutable std::mutex mutex;
    State state = State::Console;
    bool cable = true;
    bool changed = true; // the screen may look different from the last picture
    uint8_t leds = 0;
    std::optional<Time> busy_until; // the disk
    std::string medium;
    hid::KeyboardReport keys{};
    uint16_t consumer_usage = 0; // of the consumer key that is down
    Scene::Pointer pointer;
    std::vector<LedWatch *> watches;

private:
    void apply(Time at);
    Time next_event() const;
    void press(uint8_t modifiers, uint8_t usage);
    void type(uint8_t modifiers, uint8_t usage);
    void keypad(uint8_t usage);
    void edit(Console::Edit what);
    void point(uint8_t buttons, int x, int y, int8_t wheel);
    void busy(std::chrono::milliseconds length);
    std::vector<std::string> post_rows() const;
    std::string held() const;
    Scene scene() const;

    Clock clock_;
    Time now_;
    Screen screen_;
    Console console_;
    int post_step_ = 0;
    Time post_began_;
    std::optional<Time> shut_down_at_;
    std::optional<Time> cut_at_; // while the power button is held
    bool reset_held_ = false;
    int wheel_ = 0;
    std::vector<Scene::Mark> marks_;
    std::shared_ptr<const Picture> picture_;
};

} // namespace panto
