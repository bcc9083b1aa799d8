// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/power/gpio.h"

#include "lib/base/owned.h"

#include <cerrno>
#include <cstring>
#include <gpiod.h>

namespace panto::power::gpio
{

namespace
{

constexpr size_t kMostEdges = 16;

using Handle = Owned<gpiod_chip, gpiod_chip_close>;
using Info = Owned<gpiod_chip_info, gpiod_chip_info_free>;
using LineInfo = Owned<gpiod_line_info, gpiod_line_info_free>;
using Request = Owned<gpiod_line_request, gpiod_line_request_release>;
using Settings = Owned<gpiod_line_settings, gpiod_line_settings_free>;
using LineConfig = Owned<gpiod_line_config, gpiod_line_config_free>;
using RequestConfig = Owned<gpiod_request_config, gpiod_request_config_free>;
using Edges = Owned<gpiod_edge_event_buffer, gpiod_edge_event_buffer_free>;

Error failed(const std::string &what)
{
    return {Kind::Unavailable, what + ": " + std::strerror(errno), errno};
}

class Line2 : public Line
{
public:
    Line2(Request request, unsigned offset, bool edges)
        : request_{std::move(request)}, offset_{offset}, edges_{edges ? gpiod_edge_event_buffer_new(
                                                                            kMostEdges)
                                                                      : nullptr}
    {
    }

    Result<bool> read() override
    {
        const auto level = gpiod_line_request_get_value(request_.get(), offset_);
        if (level == GPIOD_LINE_VALUE_ERROR)
            return failed("cannot read the line");
        return level == GPIOD_LINE_VALUE_ACTIVE;
    }
    Result<> write(bool active) override
    {
        const auto level = active ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE;
        if (gpiod_line_request_set_value(request_.get(), offset_, level) != 0)
            return failed("cannot set the line");
        return ok;
    }
    int fd() const override { return edges_ ? gpiod_line_request_get_fd(request_.get()) : -1; }
    void take_edges() override
    {
        (void)gpiod_line_request_read_edge_events(request_.get(), edges_.get(), kMostEdges);
    }

private:
    Request request_;
    unsigned offset_;
    Edges edges_;
};

class Chip2 : public Chip
{
public:
    Chip2(Handle chip, Info info) : chip_{std::move(chip)}, info_{std::move(info)} {}

    std::string name() const override { return gpiod_chip_info_get_name(info_.get()); }
    std::string label() const override { return gpiod_chip_info_get_label(info_.get()); }
    unsigned lines() const override { return unsigned(gpiod_chip_info_get_num_lines(info_.get())); }
    std::optional<unsigned> find(const std::string &name) override
    {
        const int offset = gpiod_chip_get_line_offset_from_name(chip_.get(), name.c_str());
        return offset < 0 ? std::nullopt : std::optional{unsigned(offset)};
    }
    std::string user_of(unsigned offset) override
    {
        const LineInfo line{gpiod_chip_get_line_info(chip_.get(), offset)};
        const char *user = line && gpiod_line_info_is_used(line.get())
                               ? gpiod_line_info_get_consumer(line.get())
                               : nullptr;
        return user ? user : "";
    }
    Result<std::unique_ptr<Line>> request(unsigned offset, Use use, bool active_low) override
    {
        const Settings settings{gpiod_line_settings_new()};
        const LineConfig lines{gpiod_line_config_new()};
        const RequestConfig config{gpiod_request_config_new()};
        if (!settings || !lines || !config)
            return failed("cannot request the line");
        gpiod_line_settings_set_direction(settings.get(), use == Use::Output
                                                              ? GPIOD_LINE_DIRECTION_OUTPUT
                                                              : GPIOD_LINE_DIRECTION_INPUT);
        gpiod_line_settings_set_active_low(settings.get(), active_low);
        if (use == Use::Output)
            gpiod_line_settings_set_output_value(settings.get(), GPIOD_LINE_VALUE_INACTIVE);
        if (use == Use::Edges)
            gpiod_line_settings_set_edge_detection(settings.get(), GPIOD_LINE_EDGE_BOTH);
        gpiod_request_config_set_consumer(config.get(), kConsumer);
        if (gpiod_line_config_add_line_settings(lines.get(), &offset, 1, settings.get()) != 0)
            return failed("cannot request the line");
        Request made{gpiod_chip_request_lines(chip_.get(), config.get(), lines.get())};
        if (!made)
            return failed("cannot request the line");
        return std::unique_ptr<Line>{
            std::make_unique<Line2>(std::move(made), offset, use == Use::Edges)};
    }

private:
    Handle chip_;
    Info info_;
};

} // namespace

Result<std::unique_ptr<Chip>> Chip::open(const std::string &path)
{
    Handle chip{gpiod_chip_open(path.c_str())};
    if (!chip)
        return failed("cannot open " + path);
    Info info{gpiod_chip_get_info(chip.get())};
    if (!info)
        return failed("cannot ask " + path + " what it is");
    return std::unique_ptr<Chip>{std::make_unique<Chip2>(std::move(chip), std::move(info))};
}

} // namespace panto::power::gpio
