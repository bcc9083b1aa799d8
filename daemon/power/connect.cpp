// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/power/connect.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <grp.h>
#include <sys/stat.h>
#include <vector>

namespace panto::power::gpio
{

namespace
{

constexpr char kDevices[] = "/dev";

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

/// Every chip here; one that cannot be opened is an Error only when no other has what is wanted.
std::vector<std::unique_ptr<Chip>> chips(Result<> &trouble)
{
    std::vector<std::unique_ptr<Chip>> out;
    for (const std::string &path : chip_paths()) {
        auto chip = open_chip(path);
        if (chip)
            out.push_back(std::move(*chip));
        else if (chip.error().code != ENOENT) // went while we looked
            trouble = std::move(chip.error());
    }
    return out;
}

bool is_called(const Chip &chip, const std::string &word)
{
    return chip.name() == word || chip.label() == word || "/dev/" + chip.name() == word;
}

std::string those_there(const std::vector<std::unique_ptr<Chip>> &all)
{
    std::string out;
    for (const auto &chip : all)
        out += (out.empty() ? "" : ", ") + chip->name() + " (" + chip->label() + ")";
    return out.empty() ? "there is none: load its driver" : "there are: " + out;
}

Result<Place> by_name(std::vector<std::unique_ptr<Chip>> all, const GpioLine &wanted,
                      const Result<> &trouble)
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

Result<Place> find(const GpioLine &wanted)
{
    Result<> trouble = ok;
    auto all = chips(trouble);
    if (!wanted.chip.empty()) {
        const std::string known = those_there(all);
        std::erase_if(all, [&](const auto &chip) { return !is_called(*chip, wanted.chip); });
        if (all.empty() && !trouble)
            return trouble.error();
        if (all.empty())
            return Error{Kind::NotFound, "no GPIO chip is called " + wanted.chip + "; " + known};
    }
    if (!wanted.name.empty())
        return by_name(std::move(all), wanted, trouble);
    Place place{std::move(all.front()), wanted.offset};
    if (place.offset >= place.chip->lines())
        return Error{Kind::NotFound, place.chip->name() + " has no line " +
                                         std::to_string(place.offset) + ", only 0.." +
                                         std::to_string(place.chip->lines() - 1)};
    return place;
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

Result<Spot> locate(const GpioLine &wanted)
{
    PANTO_TRY(place, find(wanted));
    return Spot{place.chip->name(), place.offset, place.chip->user_of(place.offset)};
}

Result<std::unique_ptr<Line>> connect(const GpioLine &wanted, Use use)
{
    PANTO_TRY(place, find(wanted));
    auto line = place.chip->request(place.offset, use, wanted.active_low);
    if (line)
        return line;
    if (line.error().code == EBUSY)
        return in_use(*place.chip, place.offset);
    const std::string where = place.chip->name() + "/" + std::to_string(place.offset);
    return std::move(line.error()).context(where);
}

} // namespace panto::power::gpio
