// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/storage/lun_drive.h"

#include "lib/base/fd.h"
#include "lib/glib/offload.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>

namespace panto::storage
{

namespace
{

using namespace std::chrono_literals;

constexpr auto kLookEvery = 500ms;
constexpr auto kConnectAgain = 100ms;
constexpr int kConnects = 50;
constexpr int kTooSmall = 525; // the kernel's own ETOOSMALL, which no libc knows
constexpr size_t kLongestFile = 4096;
/// A computer may keep for so long what it has yet to write; Windows, some seconds.
constexpr auto kJustWritten = 10s;
/// No file can be called this. A LUN whose medium is held refuses any with EBUSY before it looks,
/// another one finds none, and keeps what it has.
/// Source   Linux drivers/usb/gadget/function/storage_common.c, fsg_store_file(), fsg_lun_open()
constexpr char kNoFile[] = "/dev/null/is-the-medium-held";

Error failed(const char *what, const std::string &name, int code)
{
    const Kind kind = code == ENOENT  ? Kind::NotFound
                      : code == EBUSY ? Kind::Busy
                                      : Kind::Unavailable;
    return Error{kind, std::string{"cannot "} + what + " " + name + ": " + std::strerror(code),
                 code};
}

Result<std::string> read_attribute(const std::string &path)
{
    Fd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!fd)
        return failed("read", path, errno);
    std::string text(kLongestFile, '\0');
    const ssize_t n = ::read(fd.get(), text.data(), text.size());
    if (n < 0)
        return failed("read", path, errno);
    text.resize(size_t(n));
    while (!text.empty() && text.back() == '\n')
        text.pop_back();
    return text;
}

/// One write(2): the kernel takes each for a whole value.
Result<> write_attribute(const std::string &path, const std::string &text)
{
    Fd fd{::open(path.c_str(), O_WRONLY | O_CLOEXEC)};
    if (!fd || ::write(fd.get(), text.data(), text.size()) < 0)
        return failed("write", path, errno);
    return ok;
}

Result<Drive::State> look_at(const LunFiles &files)
{
    PANTO_TRY(path, files.read("file"));
    PANTO_TRY(cdrom, files.read("cdrom"));
    if (path.empty())
        return Drive::State{{}, "", cdrom == "1"};
    PANTO_TRY(read_only, files.read("ro"));
    return Drive::State{Medium{path, cdrom == "1", read_only == "1"}, "", cdrom == "1"};
}

Result<> take_out(const LunFiles &files, bool force)
{
    auto out = files.write("file", "\n");
    if (out || out.error().code != EBUSY)
        return out;
    if (!force)
        return Error{Kind::Busy, "the computer holds the medium: eject it there, or by force",
                     EBUSY};
    auto forced = files.write("forced_eject", "1");
    if (!forced && forced.error().code == ENOENT)
        return Error{Kind::Unavailable,
                     "the computer holds the medium, and this kernel has no forced_eject"};
    return forced;
}

std::optional<std::chrono::system_clock::time_point> written_at(const std::string &image)
{
    struct stat st;
    if (::stat(image.c_str(), &st) != 0 || !S_ISREG(st.st_mode))
        return std::nullopt;
    return std::chrono::system_clock::time_point{
        std::chrono::duration_cast<std::chrono::system_clock::duration>(
            std::chrono::seconds{st.st_mtim.tv_sec} +
            std::chrono::nanoseconds{st.st_mtim.tv_nsec})};
}

/// Of a LUN that cannot be looked at nothing is known.
Result<> check(const LunFiles &files, std::chrono::system_clock::time_point since,
               std::chrono::system_clock::time_point now)
{
    const auto state = look_at(files);
    if (!state || !state->medium)
        return ok;
    if (auto asked = files.write("file", kNoFile); !asked && asked.error().code == EBUSY)
        return Error{Kind::Busy, "the computer holds it", EBUSY};
    const auto written = state->medium->read_only ? std::nullopt : written_at(state->medium->path);
    if (written && *written > since && now - *written < kJustWritten)
        return Error{Kind::Busy, "the computer has just written to it"};
    return ok;
}

Error refused(const Medium &medium, Error error)
{
    switch (error.code) {
    case kTooSmall:
        return {Kind::Invalid,
                "the kernel finds " + medium.path + " too small for a " +
                    (medium.cdrom ? "CD-ROM" : "disk"),
                error.code};
    case ENOENT:
        return {Kind::NotFound, "the kernel finds no " + medium.path, error.code};
    case EINVAL:
        return {Kind::Invalid, "the kernel takes no such file: " + medium.path, error.code};
    default:
        return std::move(error).context("insert " + medium.path);
    }
}

/// True when the computer has to find the drive anew.
Result<bool> put_in(const LunFiles &files, const Medium &medium)
{
    PANTO_TRY(present, look_at(files));
    if (present.medium)
        return Error{Kind::Busy, "there is a medium in the drive"};
    PANTO_TRY(cdrom, files.read("cdrom"));
    // In this order: the kernel makes a CD-ROM read-only by itself, and back it does not.
    if (auto r = files.write("cdrom", medium.cdrom ? "1" : "0"); !r)
        return std::move(r.error());
    if (auto r = files.write("ro", medium.cdrom || medium.read_only ? "1" : "0"); !r)
        return std::move(r.error());
    if (auto r = files.write("file", medium.path); !r) {
        (void)files.write("cdrom", cdrom); // as the computer knows the drive
        return refused(medium, std::move(r.error()));
    }
    return (cdrom == "1") != medium.cdrom;
}

} // namespace

LunFiles lun_files(const std::string &folder)
{
    return {[folder](const std::string &name) { return read_attribute(folder + "/" + name); },
            [folder](const std::string &name, const std::string &text) {
                return write_attribute(folder + "/" + name, text);
            }};
}

LunDrive::Reconnect reconnect_gadget_of(const std::string &lun_folder)
{
    const auto reconnect = [udc = lun_folder + "/../../../UDC"]() -> Result<> {
        PANTO_TRY(port, read_attribute(udc));
        if (port.empty()) // not connected at all: nobody has seen the drive
            return ok;
        if (auto off = write_attribute(udc, "\n"); !off)
            return off;
        return write_attribute(udc, port);
    };
    return [reconnect](Done<> done) {
        offload(Lane::Devices, reconnect, [done](Result<> r) { done(std::move(r)); });
    };
}

/// What a job did, and what the drive holds after it.
struct LunDrive::Outcome {
    Result<> result = ok;
    Result<State> state = State{};
    bool reconnect = false;
};

LunDrive::LunDrive(LunFiles files, Reconnect reconnect, WallClock now)
    : files_{std::move(files)}, reconnect_{std::move(reconnect)}, now_{std::move(now)},
      watch_{every(kLookEvery, [this] { look(); })}
{
    look();
}

void LunDrive::look()
{
    if (working_ || std::exchange(looking_, true))
        return;
    offload(
        Lane::Devices, [files = files_] { return look_at(files); },
        [weak = self_.weak(), changes = changes_](Result<State> now) {
            auto *self = alive(weak);
            if (!self)
                return;
            self->looking_ = false;
            if (changes != self->changes_)
                return;
            self->found(std::move(now));
        });
}

void LunDrive::found(Result<State> now)
{
    if (now && now->medium != state().medium)
        since_ = now_();
    show(now ? std::move(*now) : State{{}, now.error().message, state().cdrom});
}

void LunDrive::work(std::function<Outcome()> job, Done<> done)
{
    if (std::exchange(working_, true))
        return done(Error{Kind::Busy, "another change of this drive is under way"});
    ++changes_;
    offload(Lane::Devices, std::move(job), [weak = self_.weak(), done](Outcome outcome) {
        auto *self = alive(weak);
        if (!self)
            return done(Error{Kind::Unavailable, "the drive is gone"});
        self->found(std::move(outcome.state));
        const auto end = [weak, done](Result<> r) {
            if (auto *drive = alive(weak)) {
                drive->working_ = false;
                ++drive->changes_;
            }
            done(std::move(r));
        };
        if (outcome.reconnect && self->reconnect_)
            return self->connect_anew(kConnects, std::make_shared<Asked>(end));
        end(std::move(outcome.result));
    });
}

/// Who waits for the computer to be told, and hears of it even when the drive goes before.
struct LunDrive::Asked {
    explicit Asked(Done<> whom) : done{std::move(whom)} {}
    Asked(const Asked &) = delete;
    Asked &operator=(const Asked &) = delete;
    ~Asked() { answer(Error{Kind::Unavailable, "the drive is gone"}); }
    void answer(Result<> r)
    {
        if (auto whom = std::exchange(done, nullptr))
            whom(std::move(r));
    }

    Done<> done;
};

/// Busy is for a moment: whoever changes the gadget may have connected it before we changed it.
void LunDrive::connect_anew(int tries, const std::shared_ptr<Asked> &asked)
{
    reconnect_([weak = self_.weak(), tries, asked](Result<> connected) {
        auto *self = alive(weak);
        if (self && tries > 1 && !connected && connected.error().kind == Kind::Busy) {
            self->again_ = after(kConnectAgain,
                                 [self, tries, asked] { self->connect_anew(tries - 1, asked); });
            return;
        }
        asked->answer(
            connected
                ? ok
                : Result<>{
                      std::move(connected.error()).context("the computer cannot be told of it")});
    });
}

void LunDrive::insert(const Medium &medium, Done<> done)
{
    work(
        [files = files_, medium]() -> Outcome {
            auto in = put_in(files, medium);
            const bool anew = in && *in;
            return {in ? ok : Result<>{std::move(in.error())}, look_at(files), anew};
        },
        std::move(done));
}

void LunDrive::eject(bool force, Done<> done)
{
    work(
        [files = files_, force]() -> Outcome {
            auto out = take_out(files, force);
            return {std::move(out), look_at(files)};
        },
        std::move(done));
}

void LunDrive::check_idle(Done<> done)
{
    offload(
        Lane::Devices,
        [files = files_, since = since_, now = now_()] { return check(files, since, now); },
        [done = std::move(done)](Result<> idle) { done(std::move(idle)); });
}

bool LunDrive::reconnects_for(const Medium &medium) const
{
    return reconnect_ && state().cdrom != medium.cdrom;
}

} // namespace panto::storage
