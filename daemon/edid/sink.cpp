// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/edid/sink.h"

#include "lib/base/fd.h"
#include "lib/glib/offload.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <glib.h>
#include <linux/videodev2.h>
#include <sys/ioctl.h>

namespace panto::edid
{

namespace
{

constexpr unsigned kMostBlocks = 4;

Error failure(const std::string &what, int code)
{
    const bool none = code == ENOTTY || code == EINVAL;
    const std::string why = none            ? "this capture device has no EDID of its own"
                            : code == EBUSY ? "it takes none while another program streams "
                                              "from it: end that program"
                                            : std::strerror(code);
    return {code == EBUSY ? Kind::Busy : Kind::Unavailable, what + ": " + why, code};
}

Result<Fd> open(const std::string &device)
{
    if (device == "virtual")
        return Error{Kind::Unavailable, "the virtual computer needs no EDID"};
    Fd fd{::open(device.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK)};
    if (!fd)
        return failure("cannot open " + device, errno);
    return fd;
}

Result<Bytes> get(const Fd &fd)
{
    Bytes bytes(kMostBlocks * 128);
    v4l2_edid e{};
    e.blocks = kMostBlocks;
    e.edid = bytes.data();
    if (::ioctl(fd.get(), VIDIOC_G_EDID, &e) < 0) {
        if (errno == ENODATA)
            return Bytes{};
        return failure("cannot read the EDID", errno);
    }
    bytes.resize(e.blocks * 128);
    return bytes;
}

Result<> put(const std::string &device, Bytes bytes)
{
    PANTO_TRY(fd, open(device));
    v4l2_edid e{};
    e.blocks = unsigned(bytes.size() / 128);
    e.edid = bytes.data();
    if (::ioctl(fd.get(), VIDIOC_S_EDID, &e) == 0)
        return ok;
    if (errno == E2BIG)
        return Error{Kind::Invalid, "the capture device takes at most " + std::to_string(e.blocks) +
                                        " blocks of EDID"};
    return failure("cannot set the EDID", errno);
}

Limits limits(const Fd &fd)
{
    v4l2_dv_timings_cap most{};
    if (::ioctl(fd.get(), VIDIOC_DV_TIMINGS_CAP, &most) < 0)
        return {};
    return {most.bt.max_width, most.bt.max_height, unsigned(most.bt.max_pixelclock / 1000)};
}

Result<Shown> look(const std::string &device)
{
    PANTO_TRY(fd, open(device));
    PANTO_TRY(bytes, get(fd));
    Shown shown{bytes, "", presets(limits(fd))};
    for (const std::string &name : shown.presets)
        for (const Sound sound : {Sound::None, Sound::Stereo})
            if (same_monitor(*build(name, sound), bytes))
                shown.preset = name;
    return shown;
}

Result<> put_and_keep(const std::string &device, const std::string &file, const Bytes &bytes)
{
    if (auto done = put(device, bytes); !done)
        return done;
    GError *error = nullptr;
    if (g_file_set_contents(file.c_str(), reinterpret_cast<const char *>(bytes.data()),
                            gssize(bytes.size()), &error))
        return ok;
    Error e{Kind::Unavailable, std::string{"it is set, but not kept: "} + error->message};
    g_error_free(error);
    return e;
}

/// A preset that was not offered has a mode of which the device would show nothing.
Result<> put_preset(const std::string &device, const std::string &file, const std::string &name,
                    Sound sound)
{
    PANTO_TRY(bytes, build(name, sound));
    std::vector<std::string> offered;
    {
        PANTO_TRY(fd, open(device));
        offered = presets(limits(fd));
    }
    if (std::find(offered.begin(), offered.end(), name) == offered.end())
        return Error{Kind::Invalid, "this capture device does not take every mode of the preset " +
                                        name + ": see those that are offered"};
    return put_and_keep(device, file, bytes);
}

Result<> put_what_was_kept(const std::string &device, const std::string &file)
{
    gchar *text = nullptr;
    gsize size = 0;
    if (!g_file_get_contents(file.c_str(), &text, &size, nullptr))
        return ok; // nothing was ever set
    const Bytes bytes(text, text + size);
    g_free(text);
    if (auto sound = check(bytes); !sound)
        return std::move(sound.error()).context(file);
    {
        PANTO_TRY(fd, open(device));
        if (const auto now = get(fd); now && same_monitor(*now, bytes))
            return ok; // setting it again would make the computer look for its monitor anew
    }
    if (auto done = put(device, bytes); !done)
        return done;
    PANTO_TRY(fd, open(device));
    PANTO_TRY(shown, get(fd));
    if (same_monitor(shown, bytes))
        return ok;
    return Error{Kind::Unavailable, "the capture device shows another EDID than it was given",
                 EAGAIN};
}

} // namespace

Sink::Sink(std::string device, const std::string &state_dir, Hears hears)
    : device_{std::move(device)}, file_{state_dir + "/edid.bin"}, hears_{std::move(hears)}
{
}

/// On a worker thread; past our own capture.
void Sink::put(std::function<Result<>()> work, Done<> done)
{
    way.get([work = std::move(work)](Done<> d) { offload(Lane::Media, work, std::move(d)); },
            std::move(done));
}

void Sink::restore(Done<> done)
{
    if (device_ == "virtual")
        return done(ok);
    put([device = device_, file = file_] { return put_what_was_kept(device, file); },
        std::move(done));
}

void Sink::read(Done<Shown> done) const
{
    offload(
        Lane::Media, [device = device_] { return look(device); }, std::move(done));
}

void Sink::set(Bytes edid, Done<> done)
{
    if (auto sound = check(edid); !sound)
        return done(std::move(sound.error()));
    put([device = device_, file = file_,
         bytes = std::move(edid)] { return put_and_keep(device, file, bytes); },
        std::move(done));
}

void Sink::set_preset(const std::string &name, Done<> done)
{
    put(
        [device = device_, file = file_, name, hears = hears_] {
            return put_preset(device, file, name, hears() ? Sound::Stereo : Sound::None);
        },
        std::move(done));
}

} // namespace panto::edid
