// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/result.h"

#include <cstdint>
#include <optional>
#include <string>

namespace panto::system
{

/// How much memory this process and what it started may use before the kernel slows it down and
/// takes back what it can: memory.high of its control group.
///
/// Errors   Invalid: less than we need; Unavailable: no control group of version 2, or no right to
///          change it
/// Threads  any; the kernel's files do not block
/// Source   Documentation/admin-guide/cgroup-v2.rst
class MemoryLimit
{
public:
    /// The defaults are the kernel's own files.
    explicit MemoryLimit(std::string groups = "/sys/fs/cgroup",
                         std::string own = "/proc/self/cgroup");

    /// In MiB; nothing: no limit.
    Result<std::optional<int64_t>> read() const;
    Result<> set(std::optional<int64_t> mib) const;

private:
    Result<std::string> path() const;

    std::string groups_, own_;
};

} // namespace panto::system
