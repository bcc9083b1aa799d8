// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/power/connect.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <grp.h>
#include <sys/stat.h>

namespace panto::power::gpio
{

namespace
{

constexpr char kDevices[] = "/dev";
constexpr char kChips[] = "/sys/bus/gpio/devices/"; // Linux drivers/gpio/gpiolib.c, gpio_bus_type

struct Place {
    std::unique_ptr<Chip> chip;
    unsigned offset;
};

std::vector<std::string> chip_paths()
{
    std::vector<std::string> out;
    std::error_code failed;
    for (const auto &entry : std::filesystem::directory_iterator{kDevices, failed})
        if (entry.path().filename().string().starts_with("gpiochip"))
            out.push_back(entry.path().string());
    std::sort(out.begin(), out.end());
    return out;
}

Error denied(const std::string &path, Error e)
{
    struct stat st;
    const group *owner = ::stat(path.c_str(), &st) == 0 ? ::getgrgid(st.st_gid) : nullptr;
    const std::string name = owner ? owner->gr_name : "gpio";
    return {Kind::Denied,
            e.message + ": run as root" +
                (name == "root" ? ", or give the device a group with a udev rule"
                                : ", or add the user to the group " + name),
            e.code};
}

Result<std::unique_ptr<Chip>> open_chip(const std::string &path)
{
    auto chip = Chip::open(path);
    if (!chip && (chip.error().code == EACCES || chip.error().code == EPERM))
        return denied(path, std::move(chip.error()));
    return chip;
}

bool is_numbered(const Chip &chip, const std::string &word)
{
    return chip.name() == word || "/dev/" + chip.name() == word;
}

std::string those_there(const Chips &all)
{
    std::string out;
    for (const auto &chip : all)
        out += (out.empty() ? "" : ", ") + chip->name() + " (" + chip->label() + ")";
    return out.empty() ? "there is none: load its driver" : "there are: " + out;
}

Result<Place> by_name(Chips all, const GpioLine &wanted, const Result<> &trouble)
{
    std::optional<Place> found;
    for (auto &chip : all) {
        const auto offset = chip->find(wanted.name);
        if (!offset)
            continue;
        if (found)
            return Error{Kind::Conflict, "both " + found->chip->name() + " and " + chip->name() +
                                             " have a line \"" + wanted.name +
                                             "\": write the chip before it, as in " + chip->name() +
                                             "/" + wanted.name};
        found = Place{std::move(chip), *offset};
    }
    if (found)
        return std::move(*found);
    if (!trouble)
        return trouble.error();
    return Error{Kind::NotFound,
                 "no GPIO line is called \"" + wanted.name + "\": gpioinfo lists those there are"};
}

/// Of all chips the line on those that are `meant`, whose absence is `missing`.
Result<Place> find(Chips all, const GpioLine &wanted, const Result<> &trouble,
                   const std::function<bool(const Chip &)> &meant, const std::string &missing)
{
    const std::string known = those_there(all);
    std::erase_if(all, [&](const auto &chip) { return !meant(*chip); });
    if (!wanted.chip.empty() && all.empty())
        return trouble ? Error{Kind::NotFound, missing + "; " + known} : trouble.error();
    if (!wanted.name.empty())
        return by_name(std::move(all), wanted, trouble);
    Place place{std::move(all.front()), wanted.offset};
    if (place.offset >= place.chip->lines())
        return Error{Kind::NotFound, place.chip->name() + " has no line " +
                                         std::to_string(place.offset) + ", only 0.." +
                                         std::to_string(place.chip->lines() - 1)};
    return place;
}

Result<Place> find(Chips all, const GpioLine &wanted, const Result<> &trouble)
{
    const auto meant = [&](const Chip &chip) {
        return wanted.chip.empty() || is_numbered(chip, wanted.chip) || chip.label() == wanted.chip;
    };
    return find(std::move(all), wanted, trouble, meant, "no GPIO chip is called " + wanted.chip);
}

Error in_use(Chip &chip, unsigned offset)
{
    const std::string user = chip.user_of(offset);
    const std::string cure = user == "sysfs" ? "give it back with /sys/class/gpio/unexport"
                                             : "end what uses it, or name another line";
    return {Kind::Busy,
            "line " + std::to_string(offset) + " of " + chip.name() + " is in use" +
                (user.empty() ? "" : " by \"" + user + "\"") + ": " + cure,
            EBUSY};
}

} // namespace

std::string Chip::device() const
{
    std::error_code failed;
    const auto chip = std::filesystem::canonical(kChips + name(), failed);
    return failed ? "" : chip.parent_path().string();
}

/// Every chip here; one that cannot be opened is an Error only when no other has what is wanted.
Chips chips_here(Result<> &trouble)
{
    Chips out;
    for (const std::string &path : chip_paths()) {
        auto chip = open_chip(path);
        if (chip)
            out.push_back(std::move(*chip));
        else if (chip.error().code != ENOENT) // went while we looked
            trouble = std::move(chip.error());
    }
    return out;
}

Result<Spot> locate(const GpioLine &wanted)
{
    Result<> trouble = ok;
    auto all = chips_here(trouble);
    PANTO_TRY(place, find(std::move(all), wanted, trouble));
    return Spot{place.chip->name(), place.offset, place.chip->user_of(place.offset)};
}

void Seat::settle(const Chip &chip)
{
    const std::string device = chip.device();
    if (!home_ && !device.empty() && is_numbered(chip, wanted_.chip))
        home_ = Home{device, chip.label()};
}

Result<std::unique_ptr<Line>> Seat::connect(Use use)
{
    Result<> trouble = ok;
    auto all = look_(trouble);
    const auto at_home = [this](const Chip &chip) {
        return chip.label() == home_->label && chip.device() == home_->device;
    };
    auto found = home_
                     ? find(std::move(all), wanted_, trouble, at_home,
                            "the GPIO chip that was " + wanted_.chip + " (" + home_->label +
                                " of " + home_->device + ") is gone: see whether its driver has it")
                     : find(std::move(all), wanted_, trouble);
    if (!found)
        return std::move(found.error());
    auto &[chip, offset] = *found;
    auto line = chip->request(offset, use, wanted_.active_low);
    if (line) {
        settle(*chip);
        return line;
    }
    if (line.error().code == EBUSY)
        return in_use(*chip, offset);
    return std::move(line.error()).context(chip->name() + "/" + std::to_string(offset));
}

Result<std::unique_ptr<Line>> connect(const GpioLine &wanted, Use use)
{
    return Seat{wanted}.connect(use);
}

} // namespace panto::power::gpio
