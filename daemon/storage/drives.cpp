// SPDX-License-Identifier: LGPL-2.1-or-later
/// Which drives and limits the configuration names.
#include "daemon/storage/lun_drive.h"
#include "daemon/storage/storage.h"

namespace panto::storage
{

Library::Limits limits_of(const config::Storage &settings)
{
    return {uint64_t(settings.quota_mib) << 20, uint64_t(settings.reserve_mib) << 20};
}

Storage::Drives lun_drives(const std::vector<std::string> &folders,
                           const std::function<void(Done<>)> &reconnect)
{
    Storage::Drives drives;
    for (const auto &folder : folders)
        drives.push_back(std::make_unique<LunDrive>(
            lun_files(folder), reconnect ? reconnect : reconnect_gadget_of(folder)));
    return drives;
}

std::vector<std::string> lun_folders(const config::Storage &settings)
{
    if (settings.lun == "none" || settings.lun == "virtual")
        return {};
    std::vector<std::string> folders{""};
    for (const char c : settings.lun) {
        if (c == ',')
            folders.emplace_back();
        else
            folders.back() += c;
    }
    return folders;
}

Storage::Drives drives_of(const config::Storage &settings)
{
    if (settings.lun == "virtual") {
        Storage::Drives drives;
        drives.push_back(virtual_drive());
        return drives;
    }
    return lun_drives(lun_folders(settings));
}

} // namespace panto::storage
