// SPDX-License-Identifier: LGPL-2.1-or-later
/// virtual-screen: the virtual computer by itself, told what to do on standard input.
///
/// A second instance fed the same reports has the same screen: that is what a decoded picture is
/// compared with. Time stands still but for `advance`. One command a line:
///
///   hex bytes              one HID report, as 0000040000000000 or 00 00 04 ...
///   power|reset down|up    a front-panel button
///   advance MS             lets time pass
///   resize WxH             sets the screen's mode
///   insert [NAME]          puts a medium into the drive, or takes it out
///   video in|out           the cable
///   shot FILE.png          writes the screen
///   text, leds             prints the console's text, the LED byte
///
/// Errors   a line it does not understand: message on standard error, exit status 1
/// Try      echo shot screen.png | build/tests/tools/virtual-screen
#include "lib/virtual/computer.h"

#include <algorithm>
#include <cairo.h>
#include <cstdio>
#include <iostream>
#include <sstream>

using namespace panto;

namespace
{

/// Source: ITU-R BT.709-6, limited range.
uint32_t rgb(const VirtualComputer::Picture &p, unsigned x, unsigned y)
{
    const uint8_t *const u = p.i420.data() + size_t(p.width) * p.height;
    const uint8_t *const v = u + size_t(p.width / 2) * (p.height / 2);
    const size_t at = size_t(y / 2) * (p.width / 2) + x / 2;
    const double l = (p.i420[size_t(y) * p.width + x] - 16) * 1.16438;
    const double cb = u[at] - 128, cr = v[at] - 128;
    const auto byte = [](double value) { return uint32_t(std::clamp(value + 0.5, 0.0, 255.0)); };
    return byte(l + 1.79274 * cr) << 16 | byte(l - 0.21325 * cb - 0.53291 * cr) << 8 |
           byte(l + 2.11240 * cb);
}

bool write_png(VirtualComputer &computer, const std::string &path)
{
    const auto picture = computer.picture();
    if (!picture)
        return false;
    const int width = int(picture->width), height = int(picture->height);
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
    const int stride = cairo_image_surface_get_stride(surface);
    for (int y = 0; y < height; ++y) {
        auto *row = reinterpret_cast<uint32_t *>(cairo_image_surface_get_data(surface) +
                                                 ptrdiff_t(y) * stride);
        for (int x = 0; x < width; ++x)
            row[x] = rgb(*picture, unsigned(x), unsigned(y));
    }
    cairo_surface_mark_dirty(surface);
    const bool written = cairo_surface_write_to_png(surface, path.c_str()) == CAIRO_STATUS_SUCCESS;
    cairo_surface_destroy(surface);
    return written;
}

bool report(VirtualComputer &computer, std::string hex)
{
    std::erase(hex, ' ');
    std::vector<uint8_t> bytes;
    for (size_t i = 0; i < hex.size(); i += 2) {
        unsigned byte = 0;
        int used = 0;
        const std::string two = hex.substr(i, 2);
        if (std::sscanf(two.c_str(), "%2x%n", &byte, &used) != 1 || used != 2)
            return false;
        bytes.push_back(uint8_t(byte));
    }
    return bool(computer.report(bytes));
}

bool obey(VirtualComputer &computer, Time &now, const std::string &line)
{
    std::istringstream words{line};
    std::string verb, rest;
    words >> verb;
    std::getline(words >> std::ws, rest);
    if (verb == "power" || verb == "reset") {
        computer.hold(verb == "power" ? VirtualComputer::Button::Power
                                      : VirtualComputer::Button::Reset,
                      rest == "down");
        return rest == "down" || rest == "up";
    }
    if (verb == "advance") {
        unsigned ms = 0;
        const bool valid = std::sscanf(rest.c_str(), "%u", &ms) == 1;
        now += std::chrono::milliseconds{ms};
        return valid;
    }
    if (verb == "resize") {
        unsigned width = 0, height = 0;
        return std::sscanf(rest.c_str(), "%ux%u", &width, &height) == 2 &&
               computer.resize(width, height);
    }
    if (verb == "insert")
        computer.insert(rest);
    else if (verb == "video")
        computer.connect_video(rest == "in");
    else if (verb == "text")
        std::cout << computer.text() << std::endl;
    else if (verb == "leds")
        std::cout << unsigned(computer.leds()) << std::endl;
    else if (verb == "shot")
        return write_png(computer, rest);
    else
        return verb.empty() || report(computer, line);
    return true;
}

} // namespace

int main()
{
    Time now{};
    VirtualComputer computer{1280, 720, [&] { return now; }};
    for (std::string line; std::getline(std::cin, line);)
        if (!obey(computer, now, line)) {
            std::cerr << "cannot do: " << line << "\n";
            return 1;
        }
    return 0;
}
