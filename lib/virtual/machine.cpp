// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/virtual/machine.h"

#include "lib/usbhid/codes.h"
#include "lib/usbhid/usages.h"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace panto
{
namespace
{

using namespace std::chrono_literals;

constexpr auto kPostStep = 100ms; // also how often its screen changes at most
constexpr int kPostSteps = 15;
constexpr auto kShutDown = 1s;
constexpr auto kPowerCut = 4s; // Source: ACPI 6.5, 4.8.2.2.1.1, the power button override
constexpr size_t kMarksKept = 12;

} // namespace

VirtualComputer::Machine::Machine(unsigned width, unsigned height, Clock clock)
    : clock_{std::move(clock)}, now_{clock_()}, screen_{int(width), int(height)}
{
    console_.reset();
    pointer = {true, int(width) / 2, int(height) / 2, 0};
}

/// Lets everything happen that was due by now, in its order and at its own time.
void VirtualComputer::Machine::advance()
{
    const Time now = clock_();
    for (Time at = next_event(); at <= now; at = next_event())
        apply(at);
    now_ = now;
}

Time VirtualComputer::Machine::next_event() const
{
    Time at = Time::max();
    if (state == State::Post)
        at = post_began_ + kPostStep * (post_step_ + 1);
    for (const auto &when : {busy_until, shut_down_at_, cut_at_})
        if (when)
            at = std::min(at, *when);
    return at;
}

void VirtualComputer::Machine::apply(Time at)
{
    now_ = at;
    changed = true;
    if (cut_at_ == at || shut_down_at_ == at)
        return turn_off();
    if (busy_until == at)
        busy_until.reset();
    if (state != State::Post || post_began_ + kPostStep * (post_step_ + 1) != at)
        return;
    if (++post_step_ == kPostSteps) {
        state = State::Console;
        console_.reset();
        pointer.visible = true;
    }
}

void VirtualComputer::Machine::boot()
{
    turn_off();
    state = State::Post;
    post_step_ = 0;
    post_began_ = now_;
    pointer = {false, screen_.width() / 2, screen_.height() / 2, 0};
    marks_.clear();
    wheel_ = 0;
    busy(kPostStep * kPostSteps);
}

void VirtualComputer::Machine::turn_off()
{
    state = State::Off;
    changed = true;
    leds = 0;
    busy_until.reset();
    shut_down_at_.reset();
    cut_at_.reset();
}

void VirtualComputer::Machine::hold(Button button, bool down)
{
    if (button == Button::Reset) {
        if (reset_held_ && !down && state != State::Off)
            boot();
        reset_held_ = down;
        return;
    }
    if (down && state == State::Off)
        return boot();
    if (down && !cut_at_) {
        cut_at_ = now_ + kPowerCut;
        return;
    }
    if (down || !cut_at_) // let go after the machine went off or on by it
        return;
    cut_at_.reset();
    if (state == State::Post) // nobody there to ask
        return turn_off();
    if (shut_down_at_)
        return;
    console_.say("Shutting down.");
    shut_down_at_ = now_ + kShutDown;
    busy(kShutDown);
}

void VirtualComputer::Machine::busy(std::chrono::milliseconds length)
{
    const Time until = now_ + length;
    busy_until = busy_until ? std::max(*busy_until, until) : until;
    changed = true;
}

void VirtualComputer::Machine::keyboard(const hid::KeyboardReport &report)
{
    if (report[2] == hid::usage::kRollOver)
        return; // too many keys to tell which: those known stay down
    const hid::KeyboardReport before = keys;
    keys = report;
    changed |= keys != before;
    for (size_t i = 2; i < report.size(); ++i)
        if (report[i] > hid::usage::kRollOver + 2 &&
            std::find(before.begin() + 2, before.end(), report[i]) == before.end())
            press(report[0], report[i]);
}

void VirtualComputer::Machine::absolute(std::span<const uint8_t> r)
{
    const auto at = [](uint8_t low, uint8_t high, int size) {
        constexpr int kMost = 0x7fff;
        const int v = std::clamp(low | high << 8, 1, kMost) - 1;
        return (v * (size - 1) + kMost / 2) / (kMost - 1);
    };
    point(r[0], at(r[1], r[2], screen_.width()), at(r[3], r[4], screen_.height()), int8_t(r[5]));
}

void VirtualComputer::Machine::relative(std::span<const uint8_t> r)
{
    point(r[0], std::clamp(pointer.x + int8_t(r[1]), 0, screen_.width() - 1),
          std::clamp(pointer.y + int8_t(r[2]), 0, screen_.height() - 1), int8_t(r[3]));
}

void VirtualComputer::Machine::point(uint8_t buttons, int x, int y, int8_t wheel)
{
    const uint8_t pressed = buttons & uint8_t(~pointer.buttons);
    pointer.buttons = buttons;
    if (state != State::Console) // no driver yet
        return;
    pointer.x = x;
    pointer.y = y;
    wheel_ += wheel;
    for (const uint8_t button : {hid::kLeft, hid::kRight, hid::kMiddle, hid::kBack, hid::kForward})
        if (pressed & button)
            marks_.push_back({x, y, button});
    if (marks_.size() > kMarksKept)
        marks_.erase(marks_.begin(), marks_.end() - ptrdiff_t(kMarksKept));
    changed = true;
}

void VirtualComputer::Machine::consumer(uint16_t usage)
{
    changed |= std::exchange(consumer_usage, usage) != usage;
}

void VirtualComputer::Machine::resize(unsigned width, unsigned height)
{
    const int w = int(width), h = int(height);
    if (w == screen_.width() && h == screen_.height())
        return;
    const auto scale = [&](int &x, int &y) {
        x = x * w / screen_.width();
        y = y * h / screen_.height();
    };
    scale(pointer.x, pointer.y);
    for (Scene::Mark &mark : marks_)
        scale(mark.x, mark.y);
    screen_.resize(w, h);
    changed = true;
}

std::vector<std::string> VirtualComputer::Machine::post_rows() const
{
    std::vector<std::string> out{"Virtual computer firmware", ""};
    const int megabytes = std::min(post_step_, 8) * 512;
    out.push_back("Memory    " + std::to_string(megabytes) + " MB" + (post_step_ > 8 ? " OK" : ""));
    if (post_step_ > 9)
        out.push_back("Keyboard  found");
    if (post_step_ > 10)
        out.push_back("Pointer   found");
    if (post_step_ > 11)
        out.push_back("Drive     " + (medium.empty() ? "empty" : medium));
    if (post_step_ > 12) {
        out.emplace_back();
        out.push_back("Starting the console");
    }
    return out;
}

Console::Rows VirtualComputer::Machine::rows() const
{
    if (state == State::Post)
        return {post_rows()};
    if (state == State::Console)
        return console_.lay_out(screen_.columns(), screen_.rows());
    return {};
}

std::string VirtualComputer::Machine::held() const
{
    std::string out;
    const auto add = [&](uint8_t usage) {
        const std::string_view name = hid::code_for_usage(usage);
        if (usage > hid::usage::kRollOver + 2)
            out += (out.empty() ? "" : "+") + std::string{name.empty() ? "?" : name};
    };
    for (uint8_t bit = 0; bit < 8; ++bit)
        if (keys[0] >> bit & 1)
            add(uint8_t(hid::usage::kFirstModifier + bit));
    std::for_each(keys.begin() + 2, keys.end(), add);
    if (consumer_usage != 0) {
        char name[16];
        std::snprintf(name, sizeof name, "Consumer%03X", consumer_usage);
        out += (out.empty() ? "" : "+") + std::string{name};
    }
    return out;
}

Scene VirtualComputer::Machine::scene() const
{
    Console::Rows text = rows();
    return {std::move(text.rows),
            text.caret_row,
            text.caret_column,
            state != State::Off,
            busy_until.has_value(),
            leds,
            medium,
            held(),
            wheel_,
            pointer,
            marks_};
}

std::shared_ptr<const VirtualComputer::Picture> VirtualComputer::Machine::picture()
{
    if (!cable || state == State::Off)
        return nullptr;
    if (changed)
        picture_ = screen_.show(scene());
    changed = false;
    return picture_;
}

} // namespace panto
