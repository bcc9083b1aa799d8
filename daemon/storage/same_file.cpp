// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/storage/same_file.h"

#include <algorithm>
#include <sys/stat.h>

namespace panto::storage
{

namespace
{

bool is_at(const struct stat &file, const std::string &path)
{
    struct stat other = {};
    return ::stat(path.c_str(), &other) == 0 && other.st_dev == file.st_dev &&
           other.st_ino == file.st_ino;
}

} // namespace

bool is_one_of(const Fd &image, const std::vector<std::string> &paths)
{
    struct stat file = {};
    return ::fstat(image.get(), &file) == 0 &&
           std::any_of(paths.begin(), paths.end(),
                       [&](const std::string &path) { return is_at(file, path); });
}

Result<> check_alone(const Medium &medium, const std::vector<Medium> &others)
{
    struct stat file = {};
    const bool there = ::stat(medium.path.c_str(), &file) == 0;
    for (const Medium &other : others)
        if (!(other.read_only && medium.read_only) &&
            (other.path == medium.path || (there && is_at(file, other.path))))
            return Error{Kind::Conflict, "it is in another drive already, and one of the two could "
                                         "write to it; mount it read-only in both"};
    return ok;
}

} // namespace panto::storage
