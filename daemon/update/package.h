// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/done.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace panto::update
{

/// What a package has to be; "" and 0 for what nobody said.
struct Expected {
    std::string sha256; ///< hexadecimal, as is the next
    std::string sha512;
    uint64_t size_bytes = 0;
};

/// Package: a file on its way to the disk, block by block. One that is not finished is removed.
///
/// Errors   Unavailable: the disk; Invalid: more than 1 GiB, or not what was expected, with code
///          EBADMSG for another checksum
/// Threads  main loop only; the disk is used on worker threads
class Package
{
public:
    explicit Package(const std::string &path);
    ~Package();
    Package(const Package &) = delete;
    Package &operator=(const Package &) = delete;

    /// `taken` comes when the block is on the disk, or when the disk has failed.
    void take(std::string block, std::function<void()> taken);
    /// After the last block was taken: its path, which is the caller's now.
    void finish(const Expected &expected, Done<std::string> done);

private:
    struct File;
    std::shared_ptr<File> file_;
};

} // namespace panto::update
