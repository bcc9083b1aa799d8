// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/recording/shelf.h"

#include "lib/base/fd.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <filesystem>
#include <regex>
#include <sys/stat.h>
#include <sys/statvfs.h>

namespace panto::recording
{

namespace
{

constexpr uint64_t kMebi = 1u << 20;
constexpr int kMostOfASecond = 100; // recordings that begin in the same one

Error failed(const std::string &what)
{
    return Error{errno == ENOENT ? Kind::NotFound : Kind::Unavailable,
                 what + ": " + std::strerror(errno), errno};
}

} // namespace

Result<> check_name(const std::string &name)
{
    static const std::regex form{R"(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ(-\d+)?\.(mp4|mkv))"};
    if (name.size() > 64 || !std::regex_match(name, form))
        return Error{Kind::Invalid, "no recording has such a name"};
    return ok;
}

Result<std::vector<Shelf::Item>> Shelf::list() const
{
    std::vector<Item> items;
    DIR *folder = ::opendir(folder_.c_str());
    if (!folder) {
        if (errno == ENOENT)
            return items;
        return failed("read " + folder_);
    }
    while (const dirent *entry = ::readdir(folder)) {
        struct stat s;
        if (check_name(entry->d_name) &&
            ::fstatat(::dirfd(folder), entry->d_name, &s, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(s.st_mode))
            items.push_back({entry->d_name, uint64_t(s.st_size), int64_t(s.st_mtime)});
    }
    ::closedir(folder);
    std::sort(items.begin(), items.end(),
              [](const Item &a, const Item &b) { return a.name < b.name; });
    return items;
}

Result<> Shelf::remove(const std::string &name) const
{
    PANTO_TRY(checked, check_name(name));
    (void)checked;
    if (::unlink(path_of(name).c_str()) != 0)
        return failed("remove " + name);
    return ok;
}

bool Shelf::remove_stub(const std::string &name, size_t least_bytes) const
{
    struct stat s;
    const size_t least = std::max<size_t>(least_bytes, 1);
    return ::stat(path_of(name).c_str(), &s) == 0 && size_t(s.st_size) < least &&
           bool(remove(name));
}

Result<std::string> Shelf::make(const std::string &format, std::time_t now) const
{
    std::error_code error;
    std::filesystem::create_directories(folder_, error);
    if (error)
        return Error{Kind::Unavailable, "make " + folder_ + ": " + error.message()};
    char time[32];
    std::tm parts;
    std::strftime(time, sizeof time, "%Y-%m-%dT%H-%M-%SZ", ::gmtime_r(&now, &parts));
    for (int n = 1; n <= kMostOfASecond; ++n) {
        const std::string name =
            time + (n == 1 ? std::string{} : "-" + std::to_string(n)) + "." + format;
        const Fd made{::open(path_of(name).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
        if (made)
            return name;
        if (errno != EEXIST)
            return failed("make " + path_of(name));
    }
    return Error{Kind::Busy, "too many recordings begin in one second"};
}

Result<std::string> Shelf::make_with_room(const std::string &format, std::time_t now,
                                          uint64_t reserve_mib) const
{
    PANTO_TRY(name, make(format, now));
    if (auto room = check_room(reserve_mib); !room) {
        (void)remove(name);
        return std::move(room.error());
    }
    return name;
}

Result<> Shelf::check_room(uint64_t reserve_mib) const
{
    struct statvfs s;
    if (::statvfs(folder_.c_str(), &s) != 0)
        return failed("look at " + folder_);
    const uint64_t free_mib = uint64_t(s.f_bavail) * s.f_frsize / kMebi;
    const uint64_t least_mib = std::max<uint64_t>(reserve_mib, 1); // a recording needs some itself
    if (free_mib < least_mib)
        return Error{Kind::Unavailable, "the disk has only " + std::to_string(free_mib) +
                                            " MiB left in " + folder_ + ", and " +
                                            std::to_string(least_mib) +
                                            " MiB are to stay free: delete recordings, or see "
                                            "recording.reserve_mib in server.yaml"};
    return ok;
}

} // namespace panto::recording
