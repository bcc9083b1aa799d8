// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/fd.h"
#include "lib/base/result.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <string>
#include <string_view>
#include <sys/mman.h>
#include <sys/stat.h>

namespace panto
{

/// MappedFile: a file's bytes, read from the disk as they are looked at; none is kept by us.
///
/// Errors   NotFound, else Unavailable; the file must not become shorter while it is mapped
class MappedFile
{
public:
    static Result<std::shared_ptr<const MappedFile>> open(const std::string &path)
    {
        const auto failed = [&] {
            return Error{errno == ENOENT ? Kind::NotFound : Kind::Unavailable,
                         "read " + path + ": " + std::strerror(errno), errno};
        };
        const Fd file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)};
        struct stat s;
        if (!file || ::fstat(file.get(), &s) != 0)
            return failed();
        void *bytes = nullptr;
        if (s.st_size > 0 && (bytes = ::mmap(nullptr, size_t(s.st_size), PROT_READ, MAP_SHARED,
                                             file.get(), 0)) == MAP_FAILED)
            return failed();
        return std::shared_ptr<const MappedFile>{
            new MappedFile{static_cast<const char *>(bytes), size_t(s.st_size)}};
    }
    ~MappedFile()
    {
        if (size_)
            ::munmap(const_cast<char *>(bytes_), size_);
    }
    MappedFile(const MappedFile &) = delete;
    MappedFile &operator=(const MappedFile &) = delete;

    std::string_view bytes() const { return {bytes_, size_}; }

private:
    MappedFile(const char *bytes, size_t size) : bytes_{bytes}, size_{size} {}

    const char *bytes_;
    size_t size_;
};

} // namespace panto
