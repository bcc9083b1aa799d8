// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/system/memory.h"

#include "lib/base/fd.h"
#include "lib/base/file.h"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>

namespace panto::system
{

namespace
{

constexpr int64_t kMib = 1 << 20;
constexpr int64_t kLeastMib = 64; // with less, no picture gets through
constexpr int64_t kMostMib = 1 << 20;
constexpr char kUnified[] = "0::"; // the line of version 2 in /proc/self/cgroup

} // namespace

MemoryLimit::MemoryLimit(std::string groups, std::string own)
    : groups_{std::move(groups)}, own_{std::move(own)}
{
}

Result<std::string> MemoryLimit::path() const
{
    PANTO_TRY(lines, read_file(own_));
    const auto at = lines.starts_with(kUnified) ? 0 : lines.find(std::string{"\n"} + kUnified);
    if (at == std::string::npos)
        return Error{Kind::Unavailable, "this system has no control groups of version 2"};
    const auto begin = lines.find(kUnified, at) + sizeof kUnified - 1;
    std::string group = lines.substr(begin, lines.find('\n', begin) - begin);
    if (group == "/") // the root has no limits
        return Error{Kind::Unavailable, "pantographd has no control group of its own: run it as a "
                                        "systemd service"};
    return groups_ + group + "/memory.high";
}

Result<std::optional<int64_t>> MemoryLimit::read() const
{
    PANTO_TRY(file, path());
    PANTO_TRY(text, read_file(file));
    int64_t bytes = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), bytes);
    if (parsed.ec != std::errc{}) // "max"
        return std::optional<int64_t>{};
    return std::optional<int64_t>{bytes / kMib};
}

Result<> MemoryLimit::set(std::optional<int64_t> mib) const
{
    if (mib && (*mib < kLeastMib || *mib > kMostMib))
        return Error{Kind::Invalid, "limit must be " + std::to_string(kLeastMib) + ".." +
                                        std::to_string(kMostMib) + " MB"};
    PANTO_TRY(file, path());
    const std::string text = mib ? std::to_string(*mib * kMib) : "max";
    const Fd fd{open(file.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC)};
    if (!fd || ::write(fd.get(), text.data(), text.size()) != ssize_t(text.size()))
        return Error{Kind::Unavailable, "cannot write " + file + ": " + std::strerror(errno)};
    return ok;
}

} // namespace panto::system
