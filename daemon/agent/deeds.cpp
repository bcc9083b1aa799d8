// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/agent/deeds.h"

#include "lib/usbhid/codes.h"
#include "lib/usbhid/keymap.h"
#include "lib/usbhid/usages.h"

#include <algorithm>
#include <cmath>
#include <glib.h>

namespace panto::agent
{

namespace
{

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using Bytes = std::vector<uint8_t>;

constexpr glong kMostCharacters = 1000;
constexpr milliseconds kLongestTyping = 30s;
constexpr size_t kMostKeys = 6; // that a keyboard report holds beside the modifiers
constexpr int kAbsoluteMax = 0x7fff;
constexpr int kStepMax = 127;           // a relative report's axes are signed bytes
constexpr milliseconds kMoveTime = 8ms; // a report each frame of a mouse at 125 Hz
constexpr milliseconds kClickTime = 50ms;
constexpr uint8_t kLastUsage = 0xff;

constexpr std::pair<std::string_view, std::string_view> kShortNames[] = {
    {"ctrl", "ControlLeft"}, {"control", "ControlLeft"}, {"shift", "ShiftLeft"},
    {"alt", "AltLeft"},      {"option", "AltLeft"},      {"meta", "MetaLeft"},
    {"win", "MetaLeft"},     {"windows", "MetaLeft"},    {"command", "MetaLeft"},
    {"cmd", "MetaLeft"},     {"super", "MetaLeft"},      {"esc", "Escape"},
    {"return", "Enter"},     {"del", "Delete"},          {"ins", "Insert"},
    {"up", "ArrowUp"},       {"down", "ArrowDown"},      {"left", "ArrowLeft"},
    {"right", "ArrowRight"}, {"spacebar", "Space"},      {"pgup", "PageUp"},
    {"pgdn", "PageDown"},
};

const Bytes kNoKeys(hid::kKeyboardSize, 0);

bool same(std::string_view a, std::string_view b)
{
    return a.size() == b.size() && g_ascii_strncasecmp(a.data(), b.data(), a.size()) == 0;
}

Bytes relative(uint8_t buttons, int dx, int dy, int wheel = 0)
{
    return {buttons, uint8_t(dx), uint8_t(dy), uint8_t(wheel)};
}

Bytes absolute(uint8_t buttons, Place place)
{
    const auto scaled = [](double f) {
        return std::min(int(std::floor(std::clamp(f, 0.0, 1.0) * kAbsoluteMax)) + 1, kAbsoluteMax);
    };
    const int x = scaled(place.x), y = scaled(place.y);
    return {buttons, uint8_t(x), uint8_t(x >> 8), uint8_t(y), uint8_t(y >> 8), 0};
}

/// Of CR LF and CR, each is one Enter.
std::string with_line_feeds(const std::string &text)
{
    std::string out;
    for (size_t i = 0; i < text.size(); ++i)
        if (text[i] != '\n' || i == 0 || text[i - 1] != '\r')
            out += text[i] == '\r' ? '\n' : text[i];
    return out;
}

} // namespace

Result<Typing> typing(const std::string &text, milliseconds delay)
{
    if (!g_utf8_validate(text.data(), gssize(text.size()), nullptr))
        return Error{Kind::Invalid, "text: must be UTF-8"};
    if (g_utf8_strlen(text.data(), gssize(text.size())) > kMostCharacters)
        return Error{Kind::Invalid, "text: must have at most 1000 characters"};
    Typing out;
    const std::string lines = with_line_feeds(text);
    for (const char *p = lines.c_str(); *p; p = g_utf8_next_char(p)) {
        const auto strokes = hid::strokes(*hid::find_layout("us"), g_utf8_get_char(p));
        if (strokes.empty())
            out.skipped.emplace_back(p, size_t(g_utf8_next_char(p) - p));
        for (const hid::Stroke &s : strokes)
            out.steps.push_back({{{s.modifiers, 0, s.usage, 0, 0, 0, 0, 0}, kNoKeys}, delay});
        out.typed += !strokes.empty();
    }
    if (delay * int64_t(out.steps.size()) > kLongestTyping)
        return Error{Kind::Invalid, "text and delayMs: typing must take at most 30 s"};
    if (!out.steps.empty())
        out.steps.back().then = 0ms;
    return out;
}

uint8_t usage_for_name(std::string_view name)
{
    for (const auto &[shorter, code] : kShortNames)
        if (same(name, shorter))
            return hid::usage_for_code(code);
    if (name.size() == 1 && g_ascii_isalpha(name[0]))
        return hid::usage_for_code(std::string{"Key"} + g_ascii_toupper(name[0]));
    if (name.size() == 1 && g_ascii_isdigit(name[0]))
        return hid::usage_for_code(std::string{"Digit"} + name[0]);
    for (unsigned usage = 1; usage <= kLastUsage; ++usage)
        if (const auto code = hid::code_for_usage(uint8_t(usage));
            !code.empty() && same(name, code))
            return uint8_t(usage);
    return 0;
}

Result<Steps> key_press(const std::vector<std::string> &names, milliseconds hold)
{
    Bytes pressed = kNoKeys;
    size_t keys = 0;
    for (const auto &name : names) {
        const uint8_t usage = usage_for_name(name);
        if (usage == 0)
            return Error{Kind::Invalid, "keys: one of them is no DOM code"};
        if (usage >= hid::usage::kFirstModifier) {
            pressed[0] = uint8_t(pressed[0] | 1 << (usage - hid::usage::kFirstModifier));
        } else if (std::find(pressed.begin() + 2, pressed.end(), usage) == pressed.end()) {
            if (keys == kMostKeys)
                return Error{Kind::Invalid, "keys: at most 6 beside the modifiers"};
            pressed[2 + keys++] = usage;
        }
    }
    return Steps{{{pressed}, hold}, {{kNoKeys}, 0ms}};
}

Steps move_to(Place place)
{
    return {{{absolute(0, place)}, 0ms}};
}

Steps move_by(int dx, int dy)
{
    Steps out;
    do {
        const int x = std::clamp(dx, -kStepMax, kStepMax), y = std::clamp(dy, -kStepMax, kStepMax);
        out.push_back({{relative(0, x, y)}, kMoveTime});
        dx -= x;
        dy -= y;
    } while (dx != 0 || dy != 0);
    return out;
}

Steps clicks(uint8_t button, unsigned count, const std::optional<Place> &place)
{
    const auto report = [&](uint8_t buttons) {
        return place ? absolute(buttons, *place) : relative(buttons, 0, 0);
    };
    Steps out;
    if (place)
        out.push_back({{report(0)}, kMoveTime});
    for (unsigned i = 0; i < count; ++i) {
        out.push_back({{report(button)}, kClickTime});
        out.push_back({{report(0)}, kClickTime});
    }
    out.back().then = 0ms;
    return out;
}

Steps scroll(int notches)
{
    return {{{relative(0, 0, 0, -notches)}, 0ms}};
}

} // namespace panto::agent
