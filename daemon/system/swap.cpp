// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/system/swap.h"

#include "daemon/system/program.h"
#include "lib/glib/offload.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sstream>
#include <sys/stat.h>
#include <sys/statvfs.h>

namespace panto::system
{

namespace
{

constexpr int64_t kMib = 1 << 20;
constexpr int64_t kMostMib = 64 << 10;
constexpr int64_t kKeptFreeMib = 256;
constexpr mode_t kOursOnly = 0600;
constexpr std::chrono::minutes kLongest{2}; // what is swapped out has to come back first

Error at(SwapStep step, Error error)
{
    error.code = int(step);
    return error;
}

Error cannot(const std::string &what, const std::string &path)
{
    return Error{Kind::Unavailable, "cannot " + what + " " + path + ": " + std::strerror(errno)};
}

/// Blocks on the disk. No holes: the kernel swaps to none.
Result<> make_file(const std::string &path, int64_t mib)
{
    struct statvfs disk = {};
    const std::string folder = std::filesystem::path{path}.parent_path();
    if (statvfs(folder.c_str(), &disk) != 0)
        return cannot("look at", folder);
    const int64_t free_mib = int64_t(disk.f_bavail) * int64_t(disk.f_frsize) / kMib;
    if (free_mib < mib + kKeptFreeMib)
        return Error{Kind::Unavailable, folder + " has only " + std::to_string(free_mib) +
                                            " MiB free, and 256 MiB stay free"};
    Fd fd{open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, kOursOnly)};
    if (!fd)
        return cannot("make", path);
    errno = posix_fallocate(fd.get(), 0, mib * kMib);
    if (errno == 0)
        return ok;
    Error failed = cannot("fill", path);
    unlink(path.c_str());
    return failed;
}

void command(std::vector<std::string> words, Done<> done)
{
    run_well({std::move(words), kLongest}, [done = std::move(done)](Result<std::string> said) {
        done(said ? ok : Result<>{std::move(said.error())});
    });
}

} // namespace

int64_t swap_in(const std::string &lines, const std::string &file)
{
    std::istringstream in{lines};
    std::string name;
    int64_t bytes = 0;
    while (in >> name >> bytes)
        if (name == file)
            return bytes;
    return 0;
}

void Swap::size(Done<int64_t> done) const
{
    run_well({{"swapon", "--show=NAME,SIZE", "--bytes", "--noheadings", "--raw"}},
             [file = file_, done = std::move(done)](Result<std::string> lines) {
                 if (!lines)
                     return done(std::move(lines.error()));
                 // The first page of the file is a header.
                 done((swap_in(*lines, file) + kMib - 1) / kMib);
             });
}

void Swap::set(int64_t mib, Done<> done)
{
    if (mib < 0 || mib > kMostMib)
        return done(Error{Kind::Invalid, "size must be 0.." + std::to_string(kMostMib)});
    if (changing_)
        return done(Error{Kind::Busy, "the swap file is being changed", int(SwapStep::On)});
    changing_ = true;
    const Done<> over = [weak = self_.weak(), done = std::move(done)](Result<> r) {
        if (auto *self = alive(weak))
            self->changing_ = false;
        done(std::move(r));
    };
    remove_old([weak = self_.weak(), mib, over](Result<> removed) {
        auto *self = alive(weak);
        if (!removed || mib == 0 || !self)
            return over(removed ? ok : Result<>{at(SwapStep::Off, std::move(removed.error()))});
        self->make(mib, over);
    });
}

void Swap::remove_old(Done<> then)
{
    const auto unlink_file = [file = file_, then](Result<>) {
        offload(
            [file]() -> Result<> {
                if (unlink(file.c_str()) == 0 || errno == ENOENT)
                    return ok;
                return cannot("remove", file);
            },
            then);
    };
    size([file = file_, unlink_file, then](Result<int64_t> now) {
        if (!now)
            return then(std::move(now.error()));
        if (*now == 0)
            return unlink_file(ok);
        command({"swapoff", file}, [unlink_file, then](Result<> off) {
            off ? unlink_file(ok) : then(std::move(off));
        });
    });
}

void Swap::make(int64_t mib, Done<> done)
{
    const auto finish = [file = file_, done](Result<> r) {
        if (r)
            return done(ok);
        offload([file] { return unlink(file.c_str()); },
                [done, e = std::move(r.error())](int) { done(at(SwapStep::On, e)); });
    };
    offload([file = file_, mib] { return make_file(file, mib); },
            [file = file_, finish, done](Result<> made) {
                if (!made)
                    return done(at(SwapStep::On, std::move(made.error())));
                command({"mkswap", file}, [file, finish](Result<> marked) {
                    if (!marked)
                        return finish(std::move(marked));
                    command({"swapon", file}, finish);
                });
            });
}

void Swap::restore(Done<> done)
{
    if (!std::filesystem::exists(file_))
        return done(ok);
    size([file = file_, done = std::move(done)](Result<int64_t> now) {
        if (!now || *now > 0)
            return done(now ? ok : Result<>{std::move(now.error())});
        command({"swapon", file}, done);
    });
}

} // namespace panto::system
