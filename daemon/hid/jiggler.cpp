// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/hid/jiggler.h"

#include <array>

namespace panto::hid
{

namespace
{

using namespace std::chrono_literals;

constexpr auto kIdle = 15s;
constexpr auto kWayBack = 100ms;
constexpr std::array<uint8_t, 4> kRelative[] = {{0, 0x0a, 0x0a, 0}, {0, 0xf6, 0xf6, 0}};
constexpr std::array<uint8_t, 6> kAbsolute[] = {{0, 0x00, 0x3f, 0x00, 0x3f, 0},
                                                {0, 0xff, 0x3f, 0xff, 0x3f, 0}};

std::span<const uint8_t> report(Jiggler::Mode mode, size_t which)
{
    if (mode == Jiggler::Mode::Relative)
        return kRelative[which];
    return kAbsolute[which];
}

} // namespace

void Jiggler::set(std::optional<Mode> mode)
{
    mode_ = mode;
    back_ = {};
    client_ = nullptr;
    timer_ = mode ? every(kIdle, [this] { look(); }) : Source{};
}

/// Our own reports are no sign of anybody.
void Jiggler::look()
{
    const Time last = input_.last_report();
    if (last == own_ || clock_() - last >= kIdle)
        jiggle();
}

void Jiggler::jiggle()
{
    client_ = input_.attach("the mouse jiggler", nullptr, Rank::Machine);
    const bool passed = bool(client_->report(report(*mode_, 0)));
    own_ = input_.last_report();
    if (!passed) {
        client_ = nullptr;
        return;
    }
    back_ = after(kWayBack, [this] {
        if (input_.last_report() == own_) { // else somebody is moving it already
            (void)client_->report(report(*mode_, 1));
            own_ = input_.last_report();
        }
        client_ = nullptr;
    });
}

const char *text(Jiggler::Mode mode)
{
    return mode == Jiggler::Mode::Relative ? "relative" : "absolute";
}

std::optional<Jiggler::Mode> parse_jiggler_mode(const std::string &name)
{
    for (const auto mode : {Jiggler::Mode::Relative, Jiggler::Mode::Absolute})
        if (name == text(mode))
            return mode;
    return std::nullopt;
}

} // namespace panto::hid
