// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/power/gpio_panel.h"

#include "daemon/observe/log.h"
#include "daemon/power/connect.h"
#include "daemon/power/holder.h"
#include "daemon/power/led.h"

#include <optional>

namespace panto::power
{

namespace
{

Error not_wired(const char *key)
{
    return {Kind::Unavailable, std::string{"no GPIO line is set: "} + key};
}

/// The buttons' holder and the LEDs, for as long as the Panel's functions live.
class GpioPanel
{
public:
    GpioPanel(const config::Config &config, const std::string &holder)
    {
        add_button(config, "power.power_button", config.power.power_button, power_);
        add_button(config, "power.reset_button", config.power.reset_button, reset_);
        add_led(config, "power.power_led", config.power.power_led, power_led_);
        add_led(config, "power.disk_led", config.power.disk_led, disk_led_);
        if (lines_.empty())
            return;
        holder_.emplace(holder, lines_);
        holder_->on_trouble = [this](size_t button, const std::string &why) {
            if (why.empty())
                log_message("power", places_[button] + ": the line is there now");
            else
                log_warning("power", places_[button] + ": " + why);
        };
    }

    void press(bool power, std::chrono::milliseconds hold, Done<> done)
    {
        const auto &button = power ? power_ : reset_;
        if (!button)
            return done(not_wired(power ? "power.power_button" : "power.reset_button"));
        holder_->press(*button, hold, std::move(done));
    }

    Result<Leds> leds()
    {
        return leds_of(power_led_ ? &power_led_->lit() : nullptr,
                       disk_led_ ? &disk_led_->lit() : nullptr);
    }

    void watch(const std::function<void()> &changed)
    {
        for (auto *led : {&power_led_, &disk_led_})
            if (*led)
                (*led)->on_change = changed;
    }

private:
    void add_button(const config::Config &config, const char *key, const std::string &line,
                    std::optional<size_t> &button)
    {
        if (line.empty())
            return;
        button = lines_.size();
        lines_.push_back(line);
        places_.push_back(config.place(key));
    }
    static void add_led(const config::Config &config, const char *key, const std::string &text,
                        std::optional<Led> &led)
    {
        const auto line = parse_gpio_line(text); // config/ lets nothing else through
        if (!text.empty() && line)
            led.emplace(config.place(key), [seat = gpio::Seat{*line}](gpio::Use use) mutable {
                return seat.connect(use);
            });
    }

    std::vector<std::string> lines_, places_;
    std::optional<size_t> power_, reset_; ///< which of the holder's
    std::optional<Holder> holder_;
    std::optional<Led> power_led_, disk_led_;
};

} // namespace

Result<Leds> leds_of(const Result<bool> *power, const Result<bool> *disk)
{
    if (!power && !disk)
        return not_wired("power.power_led");
    if (const auto &read = power ? *power : *disk; !read)
        return read.error();
    return Leds{power && **power, disk && *disk && **disk}; // the log says why one is not read
}

Panel gpio_panel(const config::Config &config, const std::string &holder)
{
    const auto panel = std::make_shared<GpioPanel>(config, holder);
    const auto button = [panel](bool power) {
        return [panel, power](std::chrono::milliseconds hold, Done<> done) {
            panel->press(power, hold, std::move(done));
        };
    };
    return {button(true), button(false), [panel] { return panel->leds(); },
            [panel](const std::function<void()> &changed) { panel->watch(changed); }};
}

} // namespace panto::power
