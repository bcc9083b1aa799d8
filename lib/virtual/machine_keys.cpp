// SPDX-License-Identifier: LGPL-2.1-or-later
/// The virtual computer's keyboard driver: a US keyboard.
#include "lib/usbhid/keymap.h"
#include "lib/usbhid/layouts/layouts.h"
#include "lib/usbhid/usages.h"
#include "lib/virtual/machine.h"

namespace panto
{
namespace
{

using namespace std::chrono_literals;
namespace usage = hid::usage;
using Edit = Console::Edit;

std::optional<Edit> edit_of(uint8_t usage)
{
    switch (usage) {
    case usage::kEnter:
    case usage::kPadEnter:
        return Edit::Enter;
    case usage::kBackspace:
        return Edit::Backspace;
    case usage::kDelete:
        return Edit::Delete;
    case usage::kLeft:
        return Edit::Left;
    case usage::kRight:
        return Edit::Right;
    case usage::kUp:
        return Edit::Up;
    case usage::kDown:
        return Edit::Down;
    case usage::kHome:
        return Edit::Home;
    case usage::kEnd:
        return Edit::End;
    case usage::kEscape:
        return Edit::Clear;
    case usage::kTab:
        return Edit::Tab;
    default:
        return {};
    }
}

uint8_t led_of(uint8_t usage)
{
    return usage == usage::kNumLock      ? hid::kNumLock
           : usage == usage::kCapsLock   ? hid::kCapsLock
           : usage == usage::kScrollLock ? hid::kScrollLock
                                         : 0;
}

} // namespace

void VirtualComputer::Machine::press(uint8_t modifiers, uint8_t usage)
{
    constexpr uint8_t kCtrl = hid::kLeftCtrl | hid::kRightCtrl;
    constexpr uint8_t kAlt = hid::kLeftAlt | hid::kAltGr;
    if (state == State::Off)
        return;
    if (usage == usage::kDelete && modifiers & kCtrl && modifiers & kAlt)
        return boot();
    if (state != State::Console)
        return;
    leds ^= led_of(usage);
    constexpr uint8_t kMeta = hid::kLeftMeta | hid::kRightMeta;
    if (!(modifiers & (kCtrl | kAlt | kMeta))) // a shortcut types nothing
        type(modifiers, usage);
}

void VirtualComputer::Machine::type(uint8_t modifiers, uint8_t usage)
{
    if (const auto what = edit_of(usage))
        return edit(*what);
    if (usage >= usage::kPadDivide && usage <= usage::kPadDecimal)
        return keypad(usage);
    const bool letter = usage >= usage::kA && usage <= usage::kZ;
    if (letter && leds & hid::kCapsLock)
        modifiers = modifiers & (hid::kLeftShift | hid::kRightShift) ? 0 : hid::kLeftShift;
    if (const char32_t c = character(hid::kLayoutUs, {modifiers, usage}))
        console_.type(char(c));
}

void VirtualComputer::Machine::keypad(uint8_t usage)
{
    static constexpr char kTypes[] = "/*-+\n1234567890.";
    // What 1 to 9, 0 and the point do with NumLock off; 5, PageUp, PageDown and Insert do nothing.
    static constexpr std::optional<Edit> kMoves[] = {
        Edit::End,  Edit::Down, {}, Edit::Left, {},          Edit::Right,
        Edit::Home, Edit::Up,   {}, {},         Edit::Delete};
    if (usage < usage::kPad1 || leds & hid::kNumLock)
        console_.type(kTypes[usage - usage::kPadDivide]);
    else if (const auto what = kMoves[usage - usage::kPad1])
        edit(*what);
}

void VirtualComputer::Machine::edit(Edit what)
{
    console_.edit(what);
    if (what == Edit::Enter)
        busy(200ms);
}

} // namespace panto
