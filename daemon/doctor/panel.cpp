// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/doctor/panel.h"

#include "daemon/power/holder.h"

#include <map>
#include <unistd.h>

namespace panto::doctor
{

namespace
{

std::string cure_of(const Error &error, const std::string &key)
{
    switch (error.kind) {
    case Kind::Denied:
        return "let the user that pantographd runs as use the GPIO chips";
    case Kind::Conflict:
        return "write the chip before the line's name in " + key;
    default:
        return "set " + key + " to a line that there is, or load its chip's driver";
    }
}

Finding of_error(const std::string &key, const Error &error)
{
    return broken("gpio", key + ": " + error.message, cure_of(error, key));
}

} // namespace

Finding examine_panel(const config::Power &power, const Locate &locate)
{
    if (power.backend == "virtual")
        return good("gpio", "the virtual computer");
    if (power.backend == "none")
        return absent("gpio", "power.backend is none");
    const struct {
        const char *key;
        const std::string &text;
    } all[] = {{"power.power_button", power.power_button},
               {"power.reset_button", power.reset_button},
               {"power.power_led", power.power_led},
               {"power.disk_led", power.disk_led}};
    std::string there;
    std::map<std::string, const char *> keys;
    for (const auto &[key, text] : all) {
        if (text.empty())
            continue;
        const auto line = parse_gpio_line(text);
        if (!line)
            return of_error(key, line.error());
        const auto spot = locate(*line);
        if (!spot)
            return of_error(key, spot.error());
        const std::string place = spot->chip + "/" + std::to_string(spot->offset);
        if (!spot->user.empty() && spot->user != power::gpio::kConsumer)
            return broken("gpio", std::string{key} + ": " + place + " is in use by " + spot->user,
                          "end that program, or name another line");
        // Two names of one line are no two words for the configuration's check.
        if (const auto [first, fresh] = keys.emplace(place, key); !fresh)
            return broken("gpio",
                          std::string{key} + ": " + place + " is the line of " + first->second,
                          "name another line for one of the two");
        there += (there.empty() ? "" : ", ") + place;
    }
    if (const std::string holder = power::holder_program(); ::access(holder.c_str(), X_OK) != 0)
        return broken("gpio", holder + " cannot be run, so no button can be pressed",
                      "install pantographd anew: that program is a part of it");
    return good("gpio", there);
}

} // namespace panto::doctor
