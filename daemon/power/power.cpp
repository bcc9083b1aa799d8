// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/power/power.h"

#include "daemon/power/presses.h"
#include "lib/virtual/led_watch.h"

#include <algorithm>

namespace panto::power
{

namespace
{

using namespace std::chrono_literals;
using Pc = VirtualComputer;

/// One button of the virtual computer; up when this goes.
class VirtualButton
{
public:
    explicit VirtualButton(Pc::Button button) : button_{button} {}
    ~VirtualButton() { Pc::shared().hold(button_, false); }

    void press(std::chrono::milliseconds hold, const Done<> &done)
    {
        Pc::shared().hold(button_, true);
        release_ = after(hold, [this, done] {
            Pc::shared().hold(button_, false);
            done(ok);
        });
    }

private:
    Pc::Button button_;
    Source release_;
};

} // namespace

Panel virtual_panel()
{
    struct Watch {
        LedWatch leds{Pc::shared()};
        Source event;
    };
    const auto button = [](Pc::Button which) -> Panel::Button {
        return [button = std::make_shared<VirtualButton>(which)](
                   std::chrono::milliseconds hold, Done<> done) { button->press(hold, done); };
    };
    return {button(Pc::Button::Power), button(Pc::Button::Reset),
            []() -> Result<Leds> {
                return Leds{Pc::shared().power_led(), Pc::shared().disk_led()};
            },
            [watch = std::make_shared<Watch>()](const std::function<void()> &changed) {
                watch->event = readable(watch->leds.fd(), [w = watch.get(), changed] {
                    w->leds.look();
                    changed();
                });
            }};
}

Panel no_panel()
{
    const Error none{Kind::Unavailable, "no front panel is wired (power.backend is none)"};
    const auto button = [none](std::chrono::milliseconds, const Done<> &done) { done(none); };
    return {button, button, [none]() -> Result<Leds> { return none; },
            [](const std::function<void()> &) {}};
}

Power::Power(Panel panel) : power_{&panel_.power}, reset_{&panel_.reset}, panel_{std::move(panel)}
{
    panel_.watch([this] { look(); });
}

void Power::look()
{
    const auto read = panel_.leds();
    const auto now = read ? std::optional{*read} : std::nullopt;
    if (std::exchange(shown_, now) != now && on_leds)
        on_leds(shown_);
}

void Power::press(const std::string &name, std::chrono::milliseconds hold, Done<> done)
{
    Button *button = name == "power" ? &power_ : name == "reset" ? &reset_ : nullptr;
    if (!button)
        return done(Error{Kind::NotFound, "invalid power event: " + name});
    if (hold < 1ms)
        return done(Error{Kind::Invalid, "duration must be 1 ms or more"});
    if (button->held)
        return done(Error{Kind::Busy, "the " + name + " button is already held"});
    button->held = true;
    (*button->wire)(std::min(hold, kLongestPress), [button, name, done](Result<> up) {
        button->held = false;
        done(up ? ok : Result<>{std::move(up.error()).context("press " + name)});
    });
}

} // namespace panto::power
