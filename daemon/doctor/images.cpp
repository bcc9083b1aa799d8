// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/doctor/images.h"

#include "daemon/doctor/host.h"
#include "daemon/storage/storage.h"
#include "lib/base/fd.h"
#include "lib/glib/ask_disk.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <unistd.h>
#include <utility>

namespace panto::doctor
{

namespace
{

namespace fs = std::filesystem;

constexpr char kSetAnother[] = "set storage.directory to a folder";

/// Uploads make the folder, if they may.
Finding not_there(const std::string &folder)
{
    std::error_code ignored;
    fs::path last{folder}; // of the way there
    while (last.has_relative_path() && !fs::exists(fs::symlink_status(last, ignored)))
        last = last.parent_path();
    const std::string what = folder + ": there is no such folder";
    if (!fs::exists(last, ignored))
        return broken("storage",
                      what + ": the link " + last.string() + " leads nowhere, to " +
                          fs::read_symlink(last, ignored).string(),
                      "mount what the link is to lead to, or set storage.directory");
    if (!fs::is_directory(last, ignored))
        return broken("storage", what + ": " + last.string() + " is a file", kSetAnother);
    if (::access(last.c_str(), W_OK | X_OK) != 0)
        return broken("storage", what + ", and " + last.string() + " takes none",
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
    if (!fs::is_directory(library.folder(), ignored))
        return broken("storage", library.folder() + " is no folder", kSetAnother);
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

/// A path that does not begin at / is taken from wherever pantographd is started.
Finding look_from_here(config::Storage storage)
{
    if (fs::path{storage.directory}.is_absolute())
        return look_at(storage);
    const std::string as_set = std::exchange(storage.directory, fs::absolute(storage.directory));
    Finding found = look_at(storage);
    if (found.state == State::Broken)
        return found;
    return warning("storage",
                   found.what + "; storage.directory, " + as_set +
                       ", leads elsewhere when pantographd is started elsewhere",
                   "write it from / on: " + storage.directory);
}

} // namespace

Finding examine_images(const config::Storage &storage)
{
    const auto found = glance_at_disk(Lane::Images, [storage] { return look_from_here(storage); });
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
    if (const Fd device{::open("/dev/nbd0", O_RDWR | O_CLOEXEC)}; !device)
        return warning("urls",
                       std::string{"images cannot be mounted from a URL: /dev/nbd0: "} +
                           std::strerror(errno),
                       "run pantographd as root, or with CAP_SYS_ADMIN and write access to it");
    return good("urls", "images can be mounted from a URL");
}

} // namespace panto::doctor
