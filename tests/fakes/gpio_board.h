// SPDX-License-Identifier: LGPL-2.1-or-later
/// A board whose GPIO chips come and go, as their drivers find them and let them go.
#pragma once

#include "daemon/power/connect.h"

#include <cerrno>
#include <map>

namespace panto::power::gpio
{

/// One chip for as long as its driver has it. Its levels are the hardware's, and stay.
struct BoardChip {
    std::string name, label, device;
    std::map<unsigned, bool> &levels;
    bool gone = false;
};

class BoardLine : public Line
{
public:
    BoardLine(std::shared_ptr<BoardChip> chip, unsigned offset)
        : chip_{std::move(chip)}, offset_{offset}
    {
    }
    Result<bool> read() override { return chip_->levels[offset_]; }
    Result<> write(bool active) override
    {
        if (chip_->gone)
            return Error{Kind::Unavailable, "cannot set the line: No such device", ENODEV};
        chip_->levels[offset_] = active;
        return ok;
    }
    int fd() const override { return -1; }
    void take_edges() override {}

private:
    std::shared_ptr<BoardChip> chip_;
    unsigned offset_;
};

class OpenChip : public Chip
{
public:
    explicit OpenChip(std::shared_ptr<BoardChip> chip) : chip_{std::move(chip)} {}
    std::string name() const override { return chip_->name; }
    std::string label() const override { return chip_->label; }
    std::string device() const override { return chip_->device; }
    unsigned lines() const override { return 8; }
    std::optional<unsigned> find(const std::string &line) override
    {
        return line == "power-btn" ? std::optional{3u} : std::nullopt;
    }
    std::string user_of(unsigned) override { return ""; }
    Result<std::unique_ptr<Line>> request(unsigned offset, Use use, bool) override
    {
        if (use == Use::Output)
            chip_->levels[offset] = false;
        return std::unique_ptr<Line>{std::make_unique<BoardLine>(chip_, offset)};
    }

private:
    std::shared_ptr<BoardChip> chip_;
};

/// All of a machine's chips. Each device has its levels, whoever drives it.
class Board
{
public:
    using Levels = std::map<unsigned, bool>;

    void add(const std::string &name, const std::string &label, const std::string &device)
    {
        chips_.push_back(std::make_shared<BoardChip>(
            BoardChip{name, label, device, levels_[device + " " + label]}));
    }
    void remove(const std::string &name)
    {
        std::erase_if(chips_,
                      [&](const auto &chip) { return chip->name == name && (chip->gone = true); });
    }
    Levels &levels(const std::string &device, const std::string &label)
    {
        return levels_[device + " " + label];
    }
    Look look()
    {
        return [this](Result<> &) {
            ++looks;
            Chips out;
            for (const auto &chip : chips_)
                out.push_back(std::make_unique<OpenChip>(chip));
            return out;
        };
    }

    int looks = 0;

private:
    std::map<std::string, Levels> levels_;
    std::vector<std::shared_ptr<BoardChip>> chips_;
};

} // namespace panto::power::gpio
