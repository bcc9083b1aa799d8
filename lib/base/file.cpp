// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/base/file.h"

#include "lib/base/fd.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace panto
{

namespace
{

Error failed(const char *what, const std::string &path, int code)
{
    const Kind kind = code == ENOENT ? Kind::NotFound : Kind::Unavailable;
    return Error{kind, std::string{"cannot "} + what + " " + path + ": " + std::strerror(code),
                 code};
}

Result<> write_all(int fd, const std::string &text, const std::string &path)
{
    for (size_t at = 0; at < text.size();) {
        const ssize_t n = ::write(fd, text.data() + at, text.size() - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return failed("write", path, errno);
        at += size_t(n);
    }
    return ok;
}

/// Makes the rename itself survive a power cut.
void sync_folder_of(const std::string &path)
{
    const auto slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    if (Fd fd{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)}; fd)
        ::fsync(fd.get());
}

} // namespace

Result<std::string> read_file(const std::string &path, size_t max_bytes)
{
    // O_NONBLOCK: opening a FIFO that somebody put there must not hang us.
    Fd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    if (!fd)
        return failed("read", path, errno);
    struct stat st = {};
    if (::fstat(fd.get(), &st) != 0)
        return failed("read", path, errno);
    if (!S_ISREG(st.st_mode))
        return Error{Kind::Unavailable, "cannot read " + path + ": not a regular file"};

    std::string text;
    char chunk[16384];
    for (;;) {
        const ssize_t n = ::read(fd.get(), chunk, sizeof chunk);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return failed("read", path, errno);
        if (n == 0)
            return text;
        if (text.size() + size_t(n) > max_bytes)
            return Error{Kind::Invalid,
                         path + " is longer than " + std::to_string(max_bytes) + " bytes"};
        text.append(chunk, size_t(n));
    }
}

Result<> check_folder(const std::string &path)
{
    if (Fd fd{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)}; !fd)
        return failed("read", path, errno);
    return ok;
}

Result<> replace_file(const std::string &path, const std::string &text, mode_t mode)
{
    std::string part = path + ".XXXXXX"; // in the same folder: rename() stays in one file system
    Fd fd{::mkostemp(part.data(), O_CLOEXEC)};
    if (!fd)
        return failed("write", path, errno);
    const auto give_up = [&](Error error) {
        ::unlink(part.c_str());
        return error;
    };
    if (auto r = write_all(fd.get(), text, path); !r)
        return give_up(std::move(r.error()));
    if (::fchmod(fd.get(), mode) != 0 || ::fsync(fd.get()) != 0 ||
        ::rename(part.c_str(), path.c_str()) != 0)
        return give_up(failed("write", path, errno));
    sync_folder_of(path);
    return ok;
}

} // namespace panto
