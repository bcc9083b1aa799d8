// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/doctor/capture.h"

#include "daemon/doctor/processes.h"
#include "daemon/edid/edid.h"
#include "lib/base/fd.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <linux/videodev2.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace panto::doctor
{

namespace
{

constexpr size_t kEdidBlockBytes = 128;
constexpr unsigned kMostEdidBlocks = 4;
constexpr char kCheckCable[] = "check that the target is on and the HDMI cable sits at both ends";

int ask(const Fd &node, unsigned long request, void *argument)
{
    int result = 0;
    do
        result = ::ioctl(node.get(), request, argument);
    while (result != 0 && errno == EINTR);
    return result == 0 ? 0 : errno;
}

std::string nodes_there()
{
    std::vector<std::string> found;
    std::error_code ignored;
    for (const auto &entry : std::filesystem::directory_iterator{"/dev", ignored})
        if (entry.path().filename().string().starts_with("video"))
            found.push_back(entry.path());
    if (found.empty())
        return "there is no video node at all: is the capture chip's driver loaded?";
    std::sort(found.begin(), found.end());
    std::string out = "set video.device to one of those there are:";
    for (const auto &node : found)
        out += " " + node;
    return out;
}

Finding cannot_open(const std::string &device, int error)
{
    const std::string what = "cannot open " + device + ": " + std::strerror(error);
    switch (error) {
    case ENOENT:
    case ENOTDIR:
        return broken("capture", what, nodes_there());
    case EACCES:
    case EPERM:
        return broken("capture", what, "add the user that pantographd runs as to the group video");
    case ENODEV:
    case ENXIO:
        return broken("capture", what,
                      "the capture chip is gone: plug it in again, or load its driver anew");
    case EBUSY:
        return broken("capture", what, "end the other program that captures from it");
    default:
        return broken("capture", what, "see the kernel's log (dmesg) for what its driver says");
    }
}

/// What the node captures with; else what is wrong with it.
Result<v4l2_capability> capture_of(const Fd &node, const std::string &device)
{
    v4l2_capability has{};
    if (ask(node, VIDIOC_QUERYCAP, &has) != 0)
        return Error{Kind::Invalid, device + " is no video device"};
    const uint32_t can =
        has.capabilities & V4L2_CAP_DEVICE_CAPS ? has.device_caps : has.capabilities;
    if (!(can & (V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_VIDEO_CAPTURE_MPLANE)))
        return Error{Kind::Invalid, device + " captures no video"};
    return has;
}

/// The node itself: a capture device, and nobody else's.
Finding examine_node(const v4l2_capability &has, const std::string &device)
{
    const std::string card = device + ": " + std::string{reinterpret_cast<const char *>(has.card)} +
                             ", driver " + std::string{reinterpret_cast<const char *>(has.driver)};
    std::error_code gone;
    const auto path = std::filesystem::canonical(device, gone);
    auto others = gone ? std::vector<Holder>{} : holders_of(path); // it may vanish meanwhile
    std::erase_if(others, [](auto &h) { return h.pid == ::getpid(); });
    const bool ours =
        std::all_of(others.begin(), others.end(), [](auto &h) { return h.name == "pantographd"; });
    if (others.empty())
        return good("capture", card);
    if (ours)
        return good("capture", card + "; open in " + text_of(others));
    return broken("capture", card + ": also open in " + text_of(others),
                  "end that program: only one at a time can capture");
}

media::Signal trouble(const char *state, const char *reason, const char *cure)
{
    media::Signal out;
    out.state = state;
    out.reason = reason;
    out.cure = cure;
    return out;
}

media::Signal of_timings(int error, const v4l2_dv_timings &now)
{
    switch (error) {
    case 0: {
        media::Signal out;
        out.state = "ok";
        out.width = now.bt.width;
        out.height = now.bt.height;
        return out;
    }
    case ENOLCK:
        return trouble(
            "no-sync", "the signal is unstable",
            "change the HDMI cable for a shorter or better one, or choose another mode on "
            "the target");
    case ERANGE:
        return trouble("out-of-range", "the receiver cannot take this mode",
                       "choose a mode on the target that the EDID offers, such as 1280x720");
    default:
        return trouble("no-signal", "nothing comes over the cable",
                       "wake the target up and check that it sends to this output");
    }
}

/// What the input sees. Receivers tell by DV timings, grabbers by the input's status or not at all.
media::Signal look_at(const Fd &node, v4l2_dv_timings &timings, bool &has_timings)
{
    v4l2_control powered{V4L2_CID_DV_RX_POWER_PRESENT, 0};
    const bool tells_cable = ask(node, VIDIOC_G_CTRL, &powered) == 0;
    v4l2_input input{};
    int index = 0;
    if (ask(node, VIDIOC_G_INPUT, &index) == 0) {
        input.index = uint32_t(index);
        ask(node, VIDIOC_ENUMINPUT, &input);
    }
    const int error = ask(node, VIDIOC_QUERY_DV_TIMINGS, &timings);
    has_timings = error != ENOTTY && error != ENODATA;
    if (tells_cable && powered.value == 0 && (error != 0 || !has_timings))
        return trouble("no-cable", "the target gives no power on the cable", kCheckCable);
    if (has_timings)
        return of_timings(error, timings);
    if (input.status & (V4L2_IN_ST_NO_POWER | V4L2_IN_ST_NO_SIGNAL))
        return trouble("no-signal", "the driver sees none", kCheckCable);
    if (input.status & V4L2_IN_ST_NO_SYNC)
        return trouble("no-sync", "the signal is unstable", kCheckCable);
    media::Signal silent; // as most sticks: they send a picture of their own without a signal
    silent.state = "ok";
    return silent;
}

Finding of_signal(const media::Signal &s)
{
    if (s.state != "ok")
        return broken("signal", s.state + ": " + s.reason, s.cure);
    return good("signal", s.width ? std::to_string(s.width) + "x" + std::to_string(s.height)
                                  : "this capture device does not tell; the picture will");
}

Finding examine_timings(const Fd &node, const v4l2_dv_timings &seen, bool has, bool locked)
{
    if (!has)
        return absent("timings", "this capture device has no DV timings");
    if (!locked)
        return absent("timings", "none without a signal");
    v4l2_dv_timings set{};
    if (const int error = ask(node, VIDIOC_G_DV_TIMINGS, &set); error != 0)
        return broken("timings", std::string{"the driver does not tell: "} + std::strerror(error),
                      "see the kernel's log (dmesg) for what its driver says");
    const auto &b = seen.bt;
    const uint64_t total = uint64_t(V4L2_DV_BT_FRAME_WIDTH(&b)) * V4L2_DV_BT_FRAME_HEIGHT(&b);
    const std::string mode = std::to_string(b.width) + "x" + std::to_string(b.height) +
                             (b.interlaced ? "i" : "p") +
                             std::to_string(total ? (b.pixelclock + total / 2) / total : 0);
    if (set.bt.width != b.width || set.bt.height != b.height)
        return warning("timings",
                       "the target sends " + mode + ", the receiver is set to " +
                           std::to_string(set.bt.width) + "x" + std::to_string(set.bt.height),
                       "they are set when the first viewer comes; if the picture stays away then, "
                       "restart pantographd");
    return good("timings", mode);
}

Finding examine_edid(const Fd &node)
{
    constexpr char kWrite[] = "write one of the presets: POST /api/vm/edid";
    edid::Bytes bytes(kEdidBlockBytes * kMostEdidBlocks);
    v4l2_edid edid{};
    edid.blocks = kMostEdidBlocks;
    edid.edid = bytes.data();
    const int error = ask(node, VIDIOC_G_EDID, &edid);
    if (error == ENOTTY || error == EINVAL)
        return absent("edid", "this capture device keeps its EDID to itself");
    if (error == ENODATA || (error == 0 && edid.blocks == 0))
        return broken("edid", "none: the target sees no monitor", kWrite);
    if (error != 0)
        return broken("edid", std::string{"cannot be read: "} + std::strerror(error), kWrite);
    const unsigned blocks = std::min(edid.blocks, kMostEdidBlocks);
    bytes.resize(blocks * kEdidBlockBytes);
    if (auto sound = edid::check(bytes); !sound)
        return broken("edid", sound.error().message, kWrite);
    return good("edid", std::to_string(blocks) + (blocks == 1 ? " block" : " blocks"));
}

/// Whether who captures knows why there is no picture.
bool tells_why(const std::optional<media::Signal> &watched)
{
    return watched && watched->state != "ok" && watched->state != "unknown";
}

/// What the device says of its signal, or why who captures gets no picture of it.
Finding of_watched(const media::Signal &asked, const std::optional<media::Signal> &watched)
{
    return of_signal(asked.state == "ok" && tells_why(watched) ? *watched : asked);
}

Fd open_node(const std::string &device)
{
    return Fd{::open(device.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC)};
}

} // namespace

media::Signal ask_signal(const config::Video &video)
{
    if (video.device == "virtual") {
        media::Signal always;
        always.state = "ok";
        always.width = video.width;
        always.height = video.height;
        always.fps = video.fps;
        return always;
    }
    const Fd node = open_node(video.device);
    if (!node)
        return trouble("device-lost", "the capture node cannot be opened",
                       "GET /api/doctor says what is wrong");
    if (!capture_of(node, video.device))
        return trouble("device-lost", "the capture node is no capture device",
                       "GET /api/doctor says what is wrong");
    v4l2_dv_timings timings{};
    bool has_timings = false;
    return look_at(node, timings, has_timings);
}

Findings examine_capture(const std::string &device, const std::optional<media::Signal> &watched)
{
    if (device == "virtual")
        return {good("capture", "the virtual computer"), good("signal", "always there"),
                absent("timings", "the virtual computer has none"),
                absent("edid", "the virtual computer has none")};
    const auto unknown = [&watched](Finding capture, const std::string &why) -> Findings {
        return {std::move(capture),
                tells_why(watched) ? of_signal(*watched) : absent("signal", why),
                absent("timings", why), absent("edid", why)};
    };
    const Fd node = open_node(device);
    if (!node)
        return unknown(cannot_open(device, errno), "not known: the capture node cannot be opened");
    const auto has = capture_of(node, device);
    if (!has)
        return unknown(broken("capture", has.error().message, nodes_there()),
                       "not known: " + has.error().message);
    Findings out{examine_node(*has, device)};
    v4l2_dv_timings timings{};
    bool has_timings = false;
    const media::Signal signal = look_at(node, timings, has_timings);
    out.push_back(of_watched(signal, watched));
    out.push_back(examine_timings(node, timings, has_timings, signal.state == "ok"));
    out.push_back(examine_edid(node));
    return out;
}

} // namespace panto::doctor
