// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/power/power.h"

#include "lib/virtual/computer.h"

namespace panto::power
{

using namespace std::chrono_literals;

Panel virtual_panel()
{
    using Pc = VirtualComputer;
    const auto line = [](Pc::Button button) {
        return [button](bool down) -> Result<> {
            Pc::shared().hold(button, down);
            return ok;
        };
    };
    return {line(Pc::Button::Power), line(Pc::Button::Reset), []() -> Result<Leds> {
                return Leds{Pc::shared().power_led(), Pc::shared().disk_led()};
            }};
}

Panel no_panel()
{
    const Error none{Kind::Unavailable, "no front panel is wired (power.backend is none)"};
    const auto line = [none](bool) -> Result<> { return none; };
    return {line, line, [none]() -> Result<Leds> { return none; }};
}

Power::Power(Panel panel)
    : panel_{std::move(panel)}, power_{&panel_.power, false, {}}, reset_{&panel_.reset, false, {}},
      watch_{every(250ms, [this] {
          const auto now = panel_.leds();
          if (!now || *now == shown_)
              return;
          shown_ = *now;
          if (on_leds)
              on_leds(shown_);
      })}
{
}

Power::~Power()
{
    for (Button *b : {&power_, &reset_})
        if (b->held)
            (void)(*b->line)(false);
}

void Power::press(const std::string &name, std::chrono::milliseconds hold, Done<> done)
{
    Button *button = name == "power" ? &power_ : name == "reset" ? &reset_ : nullptr;
    if (!button)
        return done(Error{Kind::NotFound, "invalid power event: " + name});
    if (hold < 1ms || hold > 30s)
        return done(Error{Kind::Invalid, "duration must be 1..30000 ms"});
    if (button->held)
        return done(Error{Kind::Busy, "the " + name + " button is already held"});
    if (auto pressed = (*button->line)(true); !pressed)
        return done(std::move(pressed.error()).context("press " + name));
    button->held = true;
    button->release = after(hold, [button, done] { // dies with us, so button is alive here
        button->held = false;
        done((*button->line)(false));
    });
}

} // namespace panto::power
