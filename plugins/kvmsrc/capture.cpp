// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/kvmsrc/capture.h"

#include "plugins/kvmsrc/fields.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <numeric>
#include <poll.h>

namespace panto::kvm
{

namespace
{

Error failure(const std::string &what, int code)
{
    const Kind kind = code == ENOENT || code == ENODEV || code == ENXIO ? Kind::NotFound
                      : code == EACCES || code == EPERM                 ? Kind::Denied
                      : code == EBUSY                                   ? Kind::Busy
                                                                        : Kind::Unavailable;
    return Error{kind, what + ": " + std::strerror(code), code};
}

std::string name_of(uint32_t fourcc)
{
    return {char(fourcc), char(fourcc >> 8), char(fourcc >> 16), char(fourcc >> 24)};
}

Mode mode_of(const v4l2_bt_timings &bt)
{
    const uint64_t columns = bt.width + bt.hfrontporch + bt.hsync + bt.hbackporch;
    const uint64_t lines = bt.height + bt.vfrontporch + bt.vsync + bt.vbackporch +
                           bt.il_vfrontporch + bt.il_vsync + bt.il_vbackporch;
    uint64_t clock = bt.pixelclock;
    if (bt.flags & V4L2_DV_FL_REDUCED_FPS)
        clock = clock * 1000 / 1001;
    return {bt.width, bt.height, tidy_rate(clock, columns * lines)};
}

} // namespace

Rate tidy_rate(uint64_t pixel_clock, uint64_t pixels_per_frame)
{
    if (!pixel_clock || !pixels_per_frame)
        return {60, 1};
    const double rate = double(pixel_clock) / double(pixels_per_frame);
    const auto whole = unsigned(rate + 0.5);
    if (std::max(rate - whole, whole - rate) < 0.02)
        return {std::max(whole, 1u), 1};
    const double ntsc = rate * 1.001;
    const auto near = unsigned(ntsc + 0.5);
    if (std::max(ntsc - near, near - ntsc) < 0.01)
        return {near * 1000, 1001};
    const auto thousandths = unsigned(rate * 1000 + 0.5);
    const unsigned common = std::gcd(thousandths, 1000u);
    return {std::max(thousandths, 1u) / common, 1000 / common};
}

Capture::Capture(Fd fd, v4l2_buf_type type)
    : fd_{std::make_shared<const Fd>(std::move(fd))}, type_{type}
{
    v4l2_event_subscription subscription{};
    subscription.type = V4L2_EVENT_SOURCE_CHANGE;
    has_events_ = control(VIDIOC_SUBSCRIBE_EVENT, &subscription) == 0;
}

Result<Capture> Capture::open(const std::string &node)
{
    Fd fd{::open(node.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC)};
    if (!fd)
        return failure("cannot open " + node, errno);
    v4l2_capability c{};
    if (v4l2_ioctl(fd.get(), VIDIOC_QUERYCAP, &c) < 0)
        return errno == ENOTTY || errno == EINVAL
                   ? Error{Kind::Invalid, node + " is no video device", errno}
                   : failure("cannot query " + node, errno);
    const uint32_t can = c.capabilities & V4L2_CAP_DEVICE_CAPS ? c.device_caps : c.capabilities;
    if (!(can & V4L2_CAP_STREAMING) ||
        !(can & (V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_VIDEO_CAPTURE_MPLANE)))
        return Error{Kind::Invalid, node + " cannot capture video"};
    return Capture{std::move(fd), can & V4L2_CAP_VIDEO_CAPTURE
                                      ? V4L2_BUF_TYPE_VIDEO_CAPTURE
                                      : V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE};
}

Signal Capture::detect()
{
    v4l2_dv_timings timings{};
    if (control(VIDIOC_QUERY_DV_TIMINGS, &timings) == 0) {
        timings_known_ = true;
        if (timings.type != V4L2_DV_BT_656_1120 || !timings.bt.width || !timings.bt.height)
            return {State::NoSync};
        timings_ = timings;
        detected_ = mode_of(timings.bt);
        return {State::Ok, detected_.width, detected_.height, detected_.rate,
                bool(timings.bt.interlaced)};
    }
    switch (errno) {
    case ENOLINK:
        timings_known_ = true;
        return {cable()};
    case ENOLCK:
        timings_known_ = true;
        return {State::NoSync};
    case ERANGE:
        timings_known_ = true;
        return {.state = State::OutOfRange, .limit = limit()};
    case ENODEV:
    case ENXIO:
    case EIO:
        return {State::DeviceLost};
    case EBUSY:
        return {State::Busy};
    default: // a device, or an input of it, that knows nothing of timings
        timings_known_ = false;
        return {input_status()};
    }
}

State Capture::cable() const
{
    v4l2_control power{V4L2_CID_DV_RX_POWER_PRESENT, 0};
    return control(VIDIOC_G_CTRL, &power) == 0 && !power.value ? State::NoCable : State::NoSignal;
}

/// What the receiver takes at most, in words.
std::string Capture::limit() const
{
    v4l2_dv_timings_cap most{};
    if (control(VIDIOC_DV_TIMINGS_CAP, &most) < 0 || most.type != V4L2_DV_BT_656_1120 ||
        !most.bt.max_width || !most.bt.max_height)
        return {};
    const auto mhz = unsigned(most.bt.max_pixelclock / 1'000'000);
    return "at most " + std::to_string(most.bt.max_width) + "x" +
           std::to_string(most.bt.max_height) +
           (mhz ? " and a pixel clock of " + std::to_string(mhz) + " MHz" : "");
}

State Capture::input_status() const
{
    v4l2_input input{};
    int index = 0;
    if (control(VIDIOC_G_INPUT, &index) < 0)
        return errno == ENODEV ? State::DeviceLost : State::Ok;
    input.index = uint32_t(index);
    if (control(VIDIOC_ENUMINPUT, &input) < 0)
        return State::Ok;
    if (input.status & (V4L2_IN_ST_NO_POWER | V4L2_IN_ST_NO_SIGNAL))
        return State::NoSignal;
    if (input.status & (V4L2_IN_ST_NO_H_LOCK | V4L2_IN_ST_NO_V_LOCK | V4L2_IN_ST_NO_SYNC))
        return State::NoSync;
    return State::Ok;
}

std::vector<Offer> Capture::offers(const Mode &wanted) const
{
    std::vector<Offer> all;
    v4l2_fmtdesc format{};
    for (format.type = type_; control(VIDIOC_ENUM_FMT, &format) == 0; ++format.index) {
        if (timings_known_) {
            all.push_back({format.pixelformat, wanted.width, wanted.height, {wanted.rate}});
            continue;
        }
        auto of_format = sizes(format.pixelformat, wanted);
        std::move(of_format.begin(), of_format.end(), std::back_inserter(all));
    }
    return all;
}

std::vector<Offer> Capture::sizes(uint32_t fourcc, const Mode &wanted) const
{
    std::vector<Offer> all;
    v4l2_frmsizeenum size{};
    size.pixel_format = fourcc;
    for (; control(VIDIOC_ENUM_FRAMESIZES, &size) == 0; ++size.index) {
        unsigned width = size.discrete.width, height = size.discrete.height;
        if (size.type != V4L2_FRMSIZE_TYPE_DISCRETE) {
            const auto &range = size.stepwise;
            const auto fit = [](unsigned want, unsigned min, unsigned max, unsigned step) {
                want = std::clamp(want, min, max);
                return want - (want - min) % std::max(step, 1u);
            };
            width = fit(wanted.width, range.min_width, range.max_width, range.step_width);
            height = fit(wanted.height, range.min_height, range.max_height, range.step_height);
        }
        all.push_back({fourcc, width, height, rates(fourcc, width, height)});
        if (size.type != V4L2_FRMSIZE_TYPE_DISCRETE)
            break;
    }
    if (all.empty())
        all.push_back({fourcc, wanted.width, wanted.height, {}});
    return all;
}

std::vector<Rate> Capture::rates(uint32_t fourcc, unsigned width, unsigned height) const
{
    std::vector<Rate> all;
    v4l2_frmivalenum interval{};
    interval.pixel_format = fourcc;
    interval.width = width;
    interval.height = height;
    for (; control(VIDIOC_ENUM_FRAMEINTERVALS, &interval) == 0; ++interval.index) {
        if (interval.type != V4L2_FRMIVAL_TYPE_DISCRETE)
            return {}; // a range: any rate
        if (interval.discrete.numerator && interval.discrete.denominator)
            all.push_back({interval.discrete.denominator, interval.discrete.numerator});
    }
    return all;
}

Result<Layout> Capture::configure(uint32_t fourcc, const Mode &mode)
{
    if (timings_known_) {
        v4l2_dv_timings now{};
        const bool set = control(VIDIOC_G_DV_TIMINGS, &now) == 0 &&
                         std::memcmp(&now.bt, &timings_.bt, sizeof now.bt) == 0;
        if (!set && control(VIDIOC_S_DV_TIMINGS, &timings_) < 0)
            return errno == EINVAL || errno == ERANGE
                       ? Error{Kind::Conflict, "the device does not take its timings", errno}
                       : failure("cannot set the timings", errno);
    }
    v4l2_format format{};
    format.type = type_;
    const bool interlaced = timings_known_ && timings_.bt.interlaced;
    Layout got;
    const auto ask = [&](auto &pix) -> Result<> {
        pix.width = mode.width;
        pix.height = mode.height;
        pix.pixelformat = fourcc;
        // Better woven by the driver; those that cannot set what they can.
        pix.field = interlaced ? V4L2_FIELD_INTERLACED : V4L2_FIELD_NONE;
        if (control(VIDIOC_S_FMT, &format) < 0)
            return failure("cannot set the format", errno);
        got.fourcc = pix.pixelformat;
        got.width = pix.width;
        got.height = pix.height;
        got.field = v4l2_field(pix.field);
        got.colorspace = v4l2_colorspace(pix.colorspace);
        got.encoding = v4l2_ycbcr_encoding(pix.ycbcr_enc);
        got.quantization = v4l2_quantization(pix.quantization);
        got.transfer = v4l2_xfer_func(pix.xfer_func);
        return ok;
    };
    const bool planar = type_ == V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE;
    auto asked = planar ? ask(format.fmt.pix_mp) : ask(format.fmt.pix);
    if (!asked)
        return std::move(asked.error());
    got.row_bytes =
        planar ? format.fmt.pix_mp.plane_fmt[0].bytesperline : format.fmt.pix.bytesperline;
    got.frame_bytes = planar ? format.fmt.pix_mp.plane_fmt[0].sizeimage : format.fmt.pix.sizeimage;
    if (planar && format.fmt.pix_mp.num_planes != 1)
        return Error{Kind::Invalid, name_of(fourcc) + " comes in several pieces of memory"};
    const unsigned height = in_halves(got.field) ? 2 * got.height : got.height;
    if (got.fourcc != fourcc || got.width != mode.width || height != mode.height)
        return Error{Kind::Conflict, "the device set " + name_of(got.fourcc) + " " +
                                         std::to_string(got.width) + "x" +
                                         std::to_string(got.height) + " instead"};
    if (!timings_known_)
        set_rate(mode.rate);
    return got;
}

void Capture::set_rate(const Rate &rate)
{
    v4l2_streamparm parameters{};
    parameters.type = type_;
    if (!rate.numerator || control(VIDIOC_G_PARM, &parameters) < 0 ||
        !(parameters.parm.capture.capability & V4L2_CAP_TIMEPERFRAME))
        return;
    parameters.parm.capture.timeperframe = {rate.denominator, rate.numerator};
    (void)control(VIDIOC_S_PARM, &parameters); // it then comes at the device's own rate
}

Result<std::shared_ptr<Queue>> Capture::start(unsigned buffers, bool export_dmabuf)
{
    return Queue::start(fd_, {type_, buffers, export_dmabuf});
}

Capture::Wake Capture::wait(int interrupt, For what, std::chrono::milliseconds longest) const
{
    // A poll for frames while nothing streams is answered with POLLERR at once.
    const auto events = short((what == For::Frames ? POLLIN : 0) |
                              (has_events_ && what != For::Nothing ? POLLPRI : 0));
    pollfd fds[] = {{interrupt, POLLIN, 0}, {events ? fd_->get() : -1, events, 0}};
    const int n = ::poll(fds, 2, int(longest.count()));
    if (fds[0].revents)
        return Wake::Interrupted;
    if (n <= 0)
        return Wake::Timeout; // EINTR, too: whoever waits looks at the time and waits again
    if (fds[1].revents & (POLLERR | POLLHUP | POLLNVAL))
        return Wake::Broken; // an event may wait behind it, and still will the next time
    if (fds[1].revents & POLLPRI)
        return Wake::Event;
    return Wake::Frame;
}

bool Capture::source_changed()
{
    bool changed = false;
    v4l2_event event{};
    while (control(VIDIOC_DQEVENT, &event) == 0) {
        changed |= event.type == V4L2_EVENT_SOURCE_CHANGE;
        if (!event.pending)
            break;
    }
    return changed;
}

} // namespace panto::kvm
