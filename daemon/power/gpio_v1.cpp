// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/power/gpio.h"

#include <cerrno>
#include <cstring>
#include <gpiod.h>

namespace panto::power::gpio
{

namespace
{

/// Closing a chip takes its lines away: each line shares it.
using Handle = std::shared_ptr<gpiod_chip>;

Error failed(const std::string &what)
{
    return {Kind::Unavailable, what + ": " + std::strerror(errno), errno};
}

class Line1 : public Line
{
public:
    Line1(Handle chip, gpiod_line *line, bool edges)
        : chip_{std::move(chip)}, line_{line}, edges_{edges}
    {
    }
    ~Line1() override { gpiod_line_release(line_); }

    Result<bool> read() override
    {
        const int level = gpiod_line_get_value(line_);
        if (level < 0)
            return failed("cannot read the line");
        return level == 1;
    }
    Result<> write(bool active) override
    {
        return gpiod_line_set_value(line_, active) == 0 ? ok : failed("cannot set the line");
    }
    int fd() const override { return edges_ ? gpiod_line_event_get_fd(line_) : -1; }
    void take_edges() override
    {
        gpiod_line_event events[16];
        (void)gpiod_line_event_read_multiple(line_, events, std::size(events));
    }

private:
    Handle chip_;
    gpiod_line *line_; // lives as long as its chip
    bool edges_;
};

class Chip1 : public Chip
{
public:
    explicit Chip1(gpiod_chip *chip) : chip_{chip, gpiod_chip_close} {}

    std::string name() const override { return gpiod_chip_name(chip_.get()); }
    std::string label() const override { return gpiod_chip_label(chip_.get()); }
    unsigned lines() const override { return gpiod_chip_num_lines(chip_.get()); }
    std::optional<unsigned> find(const std::string &name) override
    {
        gpiod_line *line = gpiod_chip_find_line(chip_.get(), name.c_str());
        return line ? std::optional{gpiod_line_offset(line)} : std::nullopt;
    }
    std::string user_of(unsigned offset) override
    {
        gpiod_line *line = gpiod_chip_get_line(chip_.get(), offset);
        const char *user = line && gpiod_line_is_used(line) ? gpiod_line_consumer(line) : nullptr;
        return user ? user : "";
    }
    Result<std::unique_ptr<Line>> request(unsigned offset, Use use, bool active_low) override
    {
        gpiod_line *line = gpiod_chip_get_line(chip_.get(), offset);
        if (!line)
            return failed("no such line");
        const int flags = active_low ? GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW : 0;
        const int done = use == Use::Output
                             ? gpiod_line_request_output_flags(line, kConsumer, flags, 0)
                         : use == Use::Input
                             ? gpiod_line_request_input_flags(line, kConsumer, flags)
                             : gpiod_line_request_both_edges_events_flags(line, kConsumer, flags);
        if (done != 0)
            return failed("cannot request the line");
        return std::unique_ptr<Line>{std::make_unique<Line1>(chip_, line, use == Use::Edges)};
    }

private:
    Handle chip_;
};

} // namespace

Result<std::unique_ptr<Chip>> Chip::open(const std::string &path)
{
    gpiod_chip *chip = gpiod_chip_open(path.c_str());
    if (!chip)
        return failed("cannot open " + path);
    return std::unique_ptr<Chip>{std::make_unique<Chip1>(chip)};
}

} // namespace panto::power::gpio
