// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/storage/inspector.h"
#include "lib/base/fd.h"

#include <string>
#include <vector>

namespace panto::storage
{

/// Library: the disc and disk images of one folder and the folders in it.
///
/// An image goes by its name: its path from the folder on. No name leads out of the folder, and no
/// symbolic link in it is followed.
///
/// Errors   Invalid for a name that no image can have, NotFound, Unavailable when the disk fails
/// Threads  any; every method blocks on the disk, so call it through ask_disk()
class Library
{
public:
    struct Limits {
        uint64_t quota_bytes = 0;   ///< of all files in the folder; 0 for none
        uint64_t reserve_bytes = 0; ///< of the file system, that uploads leave free
    };
    struct Image {
        std::string name;
        uint64_t size_bytes = 0;
        int64_t modified_s = 0; ///< since 1970
    };
    struct Space {
        uint64_t total_bytes = 0; ///< of the file system
        uint64_t free_bytes = 0;
        uint64_t used_bytes = 0; ///< by images and parts of such
        uint64_t quota_bytes = 0;
    };

    Library(const std::string &folder, Limits limits);
    /// One of a folder whose disk is silent: it goes by the name that the configuration has for it.
    struct Silent {
    };
    Library(const std::string &folder, Limits limits, Silent);

    const std::string &folder() const { return folder_; }
    std::string path_of(const std::string &name) const { return folder_ + "/" + name; }
    /// The name of what a request calls by its name or by its whole path.
    Result<std::string> name_of(const std::string &name_or_path) const;

    /// What ends in .iso or .img, by name. A folder that is not there holds nothing.
    Result<std::vector<Image>> list() const;
    /// Opens an image for reading.
    Result<Fd> open(const std::string &name) const;
    Result<Inspection> inspect(const std::string &name) const;
    /// Whether anything at all has that name, without folders.
    bool has(const std::string &name) const;
    Result<> remove(const std::string &name) const;
    Result<Space> space() const;
    /// Whether so much more has room. Kind::Unavailable; code is EDQUOT or ENOSPC.
    Result<> check_room(uint64_t bytes) const;
    /// How many bytes more would fit.
    Result<uint64_t> room() const;
    /// Makes the folder if need be, and opens it.
    Result<Fd> open_folder() const;

private:
    std::string folder_; ///< as the kernel names it
    std::string called_; ///< as the configuration does
    Limits limits_;
};

/// Kind::Invalid with the reason when no image can have that name.
Result<> check_name(const std::string &name);
/// Reads an open image; the Fd must outlive the ReadAt.
ReadAt read_at(const Fd &image);
uint64_t size_of(const Fd &image);

/// Where the folder keeps uploads that are not whole yet.
inline constexpr char kPartsFolder[] = ".parts";

} // namespace panto::storage
