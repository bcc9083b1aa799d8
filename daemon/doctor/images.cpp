// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/doctor/images.h"

#include "daemon/doctor/host.h"
#include "daemon/storage/storage.h"
#include "lib/glib/ask_disk.h"

#include <cerrno>
#include <filesystem>
#include <unistd.h>

namespace panto::doctor
{

namespace
{

namespace fs = std::filesystem;

/// Uploads make the folder, if they may.
Finding not_there(const std::string &folder)
{
    std::error_code ignored;
    fs::path above = fs::path{folder}.parent_path();
    while (above.has_relative_path() && !fs::exists(above, ignored))
        above = above.parent_path();
    const std::string what = folder + ": there is no such folder";
    if (!fs::is_directory(above, ignored) || ::access(above.c_str(), W_OK | X_OK) != 0)
        return broken("storage", what + ", and " + above.string() + " takes none",
                      "make it for the user that pantographd runs as, or set storage.directory");
    return warning("storage", what,
                   "mount the disk that it is to lie on; else the first upload makes it");
}

Finding no_room(const Error &error)
{
    return broken("storage", error.message,
                  error.code == EDQUOT ? "delete images, or raise storage.quota_mib"
                                       : "delete images, or lower storage.reserve_mib");
}

Finding look_at(const config::Storage &storage)
{
    const storage::Library library{storage.directory, storage::limits_of(storage)};
    std::error_code ignored;
    if (!fs::exists(library.folder(), ignored))
        return not_there(library.folder());
    Finding folder = examine_folder("storage", library.folder(), 0);
    if (folder.state == State::Broken)
        return folder;
    if (auto room = library.check_room(1); !room)
        return no_room(room.error());
    const auto images = library.list();
    if (!images)
        return broken("storage", images.error().message, "see the kernel's log: dmesg");
    for (const std::string &lun : storage::lun_folders(storage))
        if (!fs::exists(lun + "/file", ignored))
            return broken("storage", "storage.lun: " + lun + " is no drive of a USB gadget",
                          "make that gadget, or set usb.gadget to on and storage.lun to virtual");
    folder.what +=
        ", " + std::to_string(images->size()) + (images->size() == 1 ? " image" : " images");
    return folder;
}

} // namespace

Finding examine_images(const config::Storage &storage)
{
    const auto found = glance_at_disk(Lane::Images, [storage] { return look_at(storage); });
    if (found)
        return *found;
    return broken("storage", "does not answer: " + storage.directory,
                  "see that the disk, or the server that it lies on, is there; else run umount -f "
                  "-l " +
                      storage.directory + " and mount it again");
}

Finding examine_urls()
{
    if (const auto lack = storage::url_disk_lack())
        return warning("urls", "images cannot be mounted from a URL: " + lack->what, lack->cure);
    return good("urls", "images can be mounted from a URL");
}

} // namespace panto::doctor
