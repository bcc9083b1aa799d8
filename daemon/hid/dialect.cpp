// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/hid/dialect.h"

#include "lib/usbhid/report.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <optional>

namespace panto::hid
{

namespace
{

constexpr int kScale = 32768;      // what python clients multiply their 0..1 with
constexpr int kFarthest = 1 << 20; // no coordinate is beyond; keeps the arithmetic from overflow
constexpr int kMaxWheelSteps = 127;

/// "[1, 2, -3]" -> numbers; nothing for anything else. At most six, as no message has more.
std::optional<std::vector<int>> int_array(std::string_view s)
{
    const auto skip = [&] {
        while (!s.empty() && std::isspace(static_cast<unsigned char>(s.front())))
            s.remove_prefix(1);
    };
    const auto take = [&](char c) {
        skip();
        const bool there = !s.empty() && s.front() == c;
        if (there)
            s.remove_prefix(1);
        return there;
    };
    std::vector<int> out;
    if (!take('['))
        return {};
    do {
        skip();
        int value = 0;
        const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), value);
        if (error != std::errc{} || out.size() == 6)
            return {};
        out.push_back(std::clamp(value, -kFarthest, kFarthest));
        s.remove_prefix(size_t(end - s.data()));
    } while (take(','));
    if (!take(']'))
        return {};
    skip();
    return s.empty() ? std::optional{out} : std::nullopt;
}

/// The value 1 stands for "the left one" in the oldest clients; else it is the bit itself.
uint8_t modifier(int value, uint8_t left, uint8_t right)
{
    return value == 1 ? left : uint8_t(value) & (left | right);
}

uint8_t relative_step(int v)
{
    const int small = std::abs(v) <= 127 ? v : int(std::lround(v * 127.0 / kScale));
    return uint8_t(int8_t(std::clamp(small, -127, 127)));
}

uint16_t axis(int v)
{
    return uint16_t(std::clamp(v, 0, 0x7fff));
}

} // namespace

Dialect::Dialect(std::string_view user_agent)
{
    if (user_agent.find("aiohttp") != user_agent.npos)
        mouse_ = Mouse::P;
    else if (user_agent.find("websockets") != user_agent.npos)
        mouse_ = Mouse::S;
    json_ = mouse_ != Mouse::Unknown;
}

std::vector<Dialect::Report> Dialect::decode(std::span<const uint8_t> message)
{
    if (message.empty())
        return {};
    if (message[0] == '[' || std::isspace(message[0]))
        return decode_json({reinterpret_cast<const char *>(message.data()), message.size()});
    const auto report = message.subspan(1);
    const bool keyboard = message[0] == 1 && report.size() == kKeyboardSize;
    const bool pointer =
        message[0] == 2 && (report.size() == kRelativeSize || report.size() == kAbsoluteSize);
    const bool consumer = message[0] == 3 && report.size() == kConsumerSize;
    if (!keyboard && !pointer && !consumer)
        return {};
    json_ = false;
    return {Report(report.begin(), report.end())};
}

std::vector<Dialect::Report> Dialect::decode_json(std::string_view text)
{
    auto numbers = int_array(text);
    if (!numbers || numbers->empty())
        return {};
    const std::vector<int> &v = *numbers;
    if (v[0] == 1 && v.size() == 6) {
        json_ = true;
        Report report(kKeyboardSize, 0);
        report[0] = uint8_t(
            modifier(v[2], kLeftCtrl, kRightCtrl) | modifier(v[3], kLeftShift, kRightShift) |
            modifier(v[4], kLeftAlt, kAltGr) | modifier(v[5], kLeftMeta, kRightMeta));
        report[2] = v[1] > 0 && v[1] <= 0xff ? uint8_t(v[1]) : 0;
        return {report};
    }
    if (v[0] == 2 && v.size() == 5) {
        json_ = true;
        return mouse(v[1], v[2], v[3], v[4]);
    }
    return {};
}

Dialect::Report Dialect::absolute(int x, int y)
{
    x_ = axis(x);
    y_ = axis(y);
    placed_ = true;
    return {buttons_, uint8_t(x_), uint8_t(x_ >> 8), uint8_t(y_), uint8_t(y_ >> 8), 0};
}

Dialect::Report Dialect::step(int dx, int dy)
{
    placed_ = false;
    return {buttons_, relative_step(dx), relative_step(dy), 0};
}

/// Presses or lets go on the pointer that was used last, without moving it.
void Dialect::button(std::vector<Report> &out, int number, bool down, int x, int y)
{
    if (down) {
        const bool s = mouse_ == Mouse::S;
        const uint8_t bit = number == 2   ? kRight
                            : number == 0 ? kLeft
                            : number == 1 ? (s ? kMiddle : kLeft)
                                          : kMiddle;
        if (s && (x != 0 || y != 0))
            out.push_back(absolute(x, y));
        buttons_ |= bit;
    } else {
        buttons_ = 0;
    }
    if (placed_)
        out.push_back(absolute(x_, y_));
    else
        out.push_back({buttons_, 0, 0, 0});
}

std::vector<Dialect::Report> Dialect::mouse(int event, int number, int x, int y)
{
    std::vector<Report> out;
    const bool at_origin = x == 0 && y == 0;
    switch (event) {
    case 0:
        mouse_ = Mouse::P;
        button(out, 0, false, 0, 0);
        break;
    case 1:
        if (number == 0)
            mouse_ = Mouse::S;
        else if (number == 4)
            mouse_ = Mouse::P;
        button(out, number, true, x, y);
        break;
    case 2:
        if (mouse_ == Mouse::S || (mouse_ == Mouse::Unknown && at_origin && buttons_ != 0)) {
            button(out, 0, false, 0, 0);
            break;
        }
        if (!at_origin)
            mouse_ = Mouse::P;
        out.push_back(absolute(x, y));
        break;
    case 3:
        if (mouse_ == Mouse::Unknown && x >= 1 && y >= 1 && (x > 127 || y > 127))
            mouse_ = Mouse::S;
        out.push_back(mouse_ == Mouse::S ? absolute(x, y) : step(x, y));
        if (mouse_ == Mouse::P) // it says itself which buttons are down
            out.back()[0] |= uint8_t(number);
        break;
    case 4: {
        const bool scaled = std::abs(y) >= 128;
        const int steps = std::clamp(scaled ? int(std::lround(y * 127.0 / kScale)) : -y,
                                     -kMaxWheelSteps, kMaxWheelSteps);
        const int sign = scaled ? (y > 0 ? 1 : -1) : (y > 0 ? -1 : y < 0 ? 1 : 0);
        for (int i = 0; sign != 0 && i < std::max(1, std::abs(steps)); ++i)
            out.push_back({buttons_, 0, 0, uint8_t(int8_t(sign))});
        break;
    }
    case 5:
        mouse_ = Mouse::S;
        out.push_back(step(x, y));
        break;
    default:
        break;
    }
    return out;
}

} // namespace panto::hid
