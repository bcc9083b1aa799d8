// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/base/gpio_line.h"

#include <charconv>
#include <string_view>

namespace panto
{

namespace
{

constexpr std::string_view kActiveLow = " active-low";
constexpr std::string_view kDevices = "/dev/";

bool is_number(const std::string &text)
{
    return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

bool is_clean(const std::string &text)
{
    for (const unsigned char c : text)
        if (c < 0x20 || c == 0x7f)
            return false;
    return !text.empty() && text.front() != ' ' && text.back() != ' ';
}

} // namespace

Result<GpioLine> parse_gpio_line(const std::string &text)
{
    const auto wrong = [](const char *why) { return Error{Kind::Invalid, why}; };
    std::string wire = text;
    GpioLine out;
    if (wire.ends_with(kActiveLow)) {
        out.active_low = true;
        wire.resize(wire.size() - kActiveLow.size());
    }
    const size_t from = wire.starts_with(kDevices) ? kDevices.size() : 0;
    const size_t slash = wire.find('/', from);
    if (slash != std::string::npos)
        out.chip = wire.substr(0, slash);
    out.name = slash == std::string::npos ? wire : wire.substr(slash + 1);
    if (!is_clean(out.name) || (slash != std::string::npos && !is_clean(out.chip)) ||
        (from && slash == std::string::npos))
        return wrong("must be chip/offset, chip/name or a line's name, as in \"gpiochip0/3\" or "
                     "\"power-led active-low\"");
    if (!is_number(out.name))
        return out;
    if (out.chip.empty())
        return wrong("needs its chip, as in \"gpiochip0/3\": a number alone means another line on "
                     "each chip");
    const char *end = out.name.data() + out.name.size();
    if (std::from_chars(out.name.data(), end, out.offset).ec != std::errc{})
        return wrong("has an offset that no chip has");
    out.name.clear();
    return out;
}

} // namespace panto
