// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/result.h"

#include <cstdint>
#include <ctime>
#include <string>
#include <vector>

namespace panto::recording
{

/// Shelf: the recordings of one folder; each goes by its file's name.
///
/// Errors   Invalid for a name that no recording has, NotFound, Unavailable when the disk fails
/// Threads  any; every method but path_of() blocks on the disk, so call it through ask_disk()
class Shelf
{
public:
    struct Item {
        std::string name;
        uint64_t size_bytes = 0;
        int64_t modified_s = 0; ///< since 1970
    };

    explicit Shelf(std::string folder) : folder_{std::move(folder)} {}

    const std::string &folder() const { return folder_; }
    std::string path_of(const std::string &name) const { return folder_ + "/" + name; }

    /// By name, which is by time. A folder that is not there holds nothing.
    Result<std::vector<Item>> list() const;
    Result<> remove(const std::string &name) const;
    /// Removes a file that is smaller than so many bytes, or empty; whether it was.
    bool remove_stub(const std::string &name, size_t least_bytes) const;
    /// Makes the folder if need be, and in it an empty file named after the time, UTC:
    /// 2026-11-29T16-05-12Z.mp4. Its name.
    Result<std::string> make(const std::string &format, std::time_t now) const;
    /// The same with check_room(), after whose refusal no file is left.
    Result<std::string> make_with_room(const std::string &format, std::time_t now,
                                       uint64_t reserve_mib) const;
    /// Unavailable, with what to do, when the disk has less left than is to stay free, or nothing.
    Result<> check_room(uint64_t reserve_mib) const;

private:
    std::string folder_;
};

/// Kind::Invalid when make() never gave that name.
Result<> check_name(const std::string &name);

} // namespace panto::recording
