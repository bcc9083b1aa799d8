// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/storage/library.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <filesystem>
#include <functional>
#include <glib.h>
#include <memory>
#include <string_view>
#include <sys/stat.h>
#include <sys/statvfs.h>

namespace panto::storage
{

namespace
{

constexpr size_t kMostImages = 4096;
constexpr unsigned kMostLevels = 8;
constexpr size_t kLongestName = 1024;
constexpr size_t kLongestPart = 255;

Error failed(const std::string &what, const std::string &name, int code)
{
    // A link in the path is as good as nothing there: it is not followed.
    const bool absent = code == ENOENT || code == ENOTDIR || code == ELOOP;
    return Error{
        absent ? Kind::NotFound : Kind::Unavailable,
        "cannot " + what + " " + name + ": " + std::strerror(code == ELOOP ? ENOENT : code), code};
}

Error bad_name(const std::string &why)
{
    return Error{Kind::Invalid, "no image can have that name: " + why};
}

/// A folder that is to be read, which owns its descriptor.
struct Closed {
    void operator()(DIR *dir) const { ::closedir(dir); }
};
using Dir = std::unique_ptr<DIR, Closed>;

/// Opens name below root, link by link, so that nothing can lead out of it.
Result<Fd> open_below(const Fd &root, const std::string &name, int flags)
{
    Fd folder{::fcntl(root.get(), F_DUPFD_CLOEXEC, 0)};
    std::string_view rest = name;
    for (;;) {
        const size_t slash = rest.find('/');
        const std::string part{rest.substr(0, slash)};
        const bool last = slash == std::string_view::npos;
        // O_NONBLOCK: opening a FIFO that somebody put there must not hang us.
        const int how = last ? flags : O_PATH | O_DIRECTORY;
        Fd next{::openat(folder.get(), part.c_str(), how | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)};
        if (!next)
            return failed("open", name, errno);
        if (last)
            return next;
        folder = std::move(next);
        rest.remove_prefix(slash + 1);
    }
}

struct Entry {
    std::string name;
    struct stat st;
};

/// Calls each for every regular file below folder; hidden ones too when asked for.
void walk(const Fd &folder, const std::string &prefix, bool hidden, unsigned levels,
          const std::function<bool(const Entry &)> &each)
{
    Dir dir{::fdopendir(::openat(folder.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC))};
    while (const dirent *d = dir ? ::readdir(dir.get()) : nullptr) {
        const std::string name = d->d_name;
        struct stat st = {};
        if (name == "." || name == ".." || (!hidden && name.front() == '.') ||
            ::fstatat(folder.get(), name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        if (S_ISREG(st.st_mode) && !each({prefix + name, st}))
            return;
        if (S_ISDIR(st.st_mode) && levels > 1)
            if (Fd below{::openat(folder.get(), name.c_str(),
                                  O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)})
                walk(below, prefix + name + "/", hidden, levels - 1, each);
    }
}

} // namespace

Result<> check_name(const std::string &name)
{
    if (name.empty() || name.size() > kLongestName)
        return bad_name(name.empty() ? "it is empty" : "it is too long");
    if (!g_utf8_validate(name.data(), gssize(name.size()), nullptr))
        return bad_name("it is not UTF-8");
    if (std::any_of(name.begin(), name.end(),
                    [](unsigned char c) { return c < 0x20 || c == 0x7f || c == '\\'; }))
        return bad_name("it holds a control character or a backslash");
    for (std::string_view rest = name;;) {
        const std::string_view part = rest.substr(0, rest.find('/'));
        if (part.empty() || part.front() == '.' || part.size() > kLongestPart)
            return bad_name("each part of it must have 1..255 bytes and not begin with a dot");
        if (part.size() == rest.size())
            break;
        rest.remove_prefix(part.size() + 1);
    }
    const std::string suffix = name.size() > 4 ? name.substr(name.size() - 4) : "";
    if (g_ascii_strcasecmp(suffix.c_str(), ".iso") != 0 &&
        g_ascii_strcasecmp(suffix.c_str(), ".img") != 0)
        return bad_name("it must end in .iso or .img");
    return ok;
}

ReadAt read_at(const Fd &image)
{
    return [fd = image.get()](uint64_t offset, std::span<uint8_t> to) -> size_t {
        if (offset > uint64_t(INT64_MAX))
            return 0;
        size_t have = 0;
        while (have < to.size()) {
            const ssize_t n = ::pread(fd, to.data() + have, to.size() - have, off_t(offset + have));
            if (n < 0 && errno == EINTR)
                continue;
            if (n <= 0)
                break;
            have += size_t(n);
        }
        return have;
    };
}

uint64_t size_of(const Fd &image)
{
    struct stat st = {};
    return ::fstat(image.get(), &st) == 0 ? uint64_t(st.st_size) : 0;
}

Library::Library(const std::string &folder, Limits limits, Silent)
    : called_{folder}, limits_{limits}
{
    while (called_.size() > 1 && called_.back() == '/')
        called_.pop_back();
    folder_ = called_;
}

Library::Library(const std::string &folder, Limits limits) : Library{folder, limits, Silent{}}
{
    std::error_code unknown;
    folder_ = std::filesystem::weakly_canonical(called_, unknown).string();
    if (unknown)
        folder_ = called_;
}

Result<std::string> Library::name_of(const std::string &name_or_path) const
{
    std::string name = name_or_path;
    for (const std::string &prefix : {folder_ + "/", called_ + "/"})
        if (name.starts_with(prefix)) {
            name.erase(0, prefix.size());
            break;
        }
    if (name.starts_with("/"))
        return Error{Kind::Invalid, "images lie in " + folder_ + " only"};
    if (auto good = check_name(name); !good)
        return std::move(good.error());
    return name;
}

Result<std::vector<Library::Image>> Library::list() const
{
    std::vector<Image> images;
    const Fd folder{::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!folder && errno == ENOENT)
        return images;
    if (!folder)
        return failed("read", folder_, errno);
    walk(folder, "", false, kMostLevels, [&](const Entry &e) {
        if (check_name(e.name))
            images.push_back({e.name, uint64_t(e.st.st_size), int64_t(e.st.st_mtime)});
        return images.size() < kMostImages;
    });
    std::sort(images.begin(), images.end(),
              [](const Image &a, const Image &b) { return a.name < b.name; });
    return images;
}

Result<Fd> Library::open(const std::string &name) const
{
    if (auto good = check_name(name); !good)
        return std::move(good.error());
    const Fd folder{::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!folder)
        return failed("open", name, errno);
    PANTO_TRY(image, open_below(folder, name, O_RDONLY));
    struct stat st = {};
    if (::fstat(image.get(), &st) != 0)
        return failed("open", name, errno);
    if (!S_ISREG(st.st_mode))
        return Error{Kind::NotFound, "cannot open " + name + ": it is no regular file"};
    return std::move(image);
}

Result<Inspection> Library::inspect(const std::string &name) const
{
    PANTO_TRY(image, open(name));
    return storage::inspect(read_at(image), size_of(image));
}

bool Library::has(const std::string &name) const
{
    return ::faccessat(AT_FDCWD, path_of(name).c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

Result<> Library::remove(const std::string &name) const
{
    if (auto image = open(name); !image) // it is there, and nothing but an image
        return std::move(image.error());
    const Fd folder{::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    const size_t slash = name.rfind('/');
    const bool top = slash == std::string::npos;
    Result<Fd> parent = top ? Result<Fd>{Fd{::fcntl(folder.get(), F_DUPFD_CLOEXEC, 0)}}
                            : open_below(folder, name.substr(0, slash), O_RDONLY | O_DIRECTORY);
    if (!parent)
        return std::move(parent.error());
    const std::string base = top ? name : name.substr(slash + 1);
    if (::unlinkat(parent->get(), base.c_str(), 0) != 0)
        return failed("delete", name, errno);
    return ok;
}

Result<Library::Space> Library::space() const
{
    Space space;
    space.quota_bytes = limits_.quota_bytes;
    const Fd folder{::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    struct statvfs st = {};
    // A folder that an upload would make lies on the file system of what is above it.
    std::filesystem::path there{folder_};
    while (!folder && there != there.parent_path() && ::access(there.c_str(), F_OK) != 0)
        there = there.parent_path();
    if ((folder ? ::fstatvfs(folder.get(), &st) : ::statvfs(there.c_str(), &st)) != 0)
        return failed("measure", folder_, errno);
    space.total_bytes = uint64_t(st.f_blocks) * st.f_frsize;
    space.free_bytes = uint64_t(st.f_bavail) * st.f_frsize;
    if (folder)
        walk(folder, "", true, kMostLevels, [&](const Entry &e) {
            space.used_bytes += uint64_t(e.st.st_size);
            return true;
        });
    return space;
}

Result<> Library::check_room(uint64_t bytes) const
{
    PANTO_TRY(now, space());
    if (limits_.quota_bytes &&
        (bytes > limits_.quota_bytes || now.used_bytes > limits_.quota_bytes - bytes))
        return Error{Kind::Unavailable,
                     "over quota: " + std::to_string(bytes) + " bytes more than the " +
                         std::to_string(now.used_bytes) + " stored would pass the limit of " +
                         std::to_string(limits_.quota_bytes),
                     EDQUOT};
    const uint64_t free = now.free_bytes - std::min(now.free_bytes, limits_.reserve_bytes);
    if (bytes > free)
        return Error{Kind::Unavailable,
                     "disk full: " + std::to_string(bytes) + " bytes are needed, " +
                         std::to_string(free) + " are free",
                     ENOSPC};
    return ok;
}

Result<uint64_t> Library::room() const
{
    PANTO_TRY(now, space());
    const uint64_t free = now.free_bytes - std::min(now.free_bytes, limits_.reserve_bytes);
    if (!limits_.quota_bytes)
        return free;
    return std::min(free, limits_.quota_bytes - std::min(now.used_bytes, limits_.quota_bytes));
}

Result<Fd> Library::open_folder() const
{
    if (g_mkdir_with_parents(folder_.c_str(), 0755) != 0)
        return failed("make", folder_, errno);
    Fd folder{::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!folder)
        return failed("open", folder_, errno);
    return folder;
}

} // namespace panto::storage
