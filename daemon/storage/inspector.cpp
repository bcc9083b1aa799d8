// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/storage/inspector.h"

namespace panto::storage
{

namespace
{

std::string kind_of(const Inspection &i)
{
    if (i.size_bytes == 0)
        return "empty";
    if (i.iso.iso9660)
        return i.disk.table.empty() ? "iso" : "hybrid-iso";
    if (i.iso.udf)
        return "udf";
    if (!i.disk.table.empty())
        return "disk";
    return i.disk.filesystem.empty() ? "unknown" : "filesystem";
}

std::string boots_by(bool bios, bool uefi)
{
    return bios && uefi ? "BIOS and UEFI" : bios ? "BIOS" : uefi ? "UEFI" : "";
}

void advise_disc(Inspection &i)
{
    const std::string disc = i.iso.iso9660 ? "an ISO 9660 disc" : "a UDF disc";
    const std::string by = boots_by(i.iso.boots_bios, i.iso.boots_uefi);
    const bool boots_as_disk = i.disk.boots_bios || i.disk.boots_uefi || !i.disk.table.empty();
    if (i.no_cdrom.empty()) {
        i.mount_as = As::CdRom;
        i.reason = disc + (by.empty() ? ", not bootable" : " that boots by El Torito (" + by + ")");
        return;
    }
    i.mount_as = As::Disk;
    i.reason = disc + ", but " + i.no_cdrom;
    if (boots_as_disk)
        i.reason += "; it is a hybrid and boots as a disk, too";
    else if (!by.empty())
        i.warnings.push_back("as a disk it will not boot: it has no partition table");
}

void advise_disk(Inspection &i)
{
    i.mount_as = As::Disk;
    if (i.kind == "disk")
        i.reason = "a disk with a " + std::string{i.disk.table == "gpt" ? "GPT" : "MBR"} +
                   " partition table";
    else if (i.kind == "filesystem")
        i.reason = "a disk without partitions, formatted as " + i.disk.filesystem;
    else if (i.kind == "empty")
        i.reason = "it is empty";
    else
        i.reason = "nothing known was found in it: the computer will see a blank disk";
    if (i.disk.sectors_4k)
        i.warnings.push_back("its partition table counts in sectors of 4096 bytes; the computer "
                             "sees sectors of 512 and will not find the partitions");
}

void warn_of_size(Inspection &i)
{
    const uint64_t announced = i.iso.iso9660 ? i.iso.announced_bytes : i.disk.announced_bytes;
    if (announced > i.size_bytes)
        i.warnings.push_back("it is cut short: its content says " + std::to_string(announced) +
                             " bytes, the file has " + std::to_string(i.size_bytes));
    if (i.mount_as == As::Disk && i.size_bytes % kDiskBlockBytes)
        i.warnings.push_back("its last " + std::to_string(i.size_bytes % kDiskBlockBytes) +
                             " bytes are no whole sector and will not be seen");
}

} // namespace

std::string cdrom_refusal(uint64_t size_bytes)
{
    if (size_bytes < kMinCdBytes)
        return "it is smaller than 300 sectors of 2048 bytes, the least that the kernel takes for "
               "a CD-ROM";
    if (size_bytes / kCdBlockBytes > kMaxCdBytes / kCdBlockBytes)
        return "it is larger than 1151999 sectors of 2048 bytes (2.2 GiB), all that the kernel "
               "shows of a CD-ROM";
    return "";
}

Inspection inspect(const ReadAt &read, uint64_t size_bytes)
{
    Inspection i;
    i.size_bytes = size_bytes;
    i.iso = read_iso(read);
    i.disk = read_disk(read, size_bytes);
    i.kind = kind_of(i);
    i.no_cdrom = cdrom_refusal(size_bytes);
    if (i.iso.iso9660 || i.iso.udf)
        advise_disc(i);
    else
        advise_disk(i);
    warn_of_size(i);
    return i;
}

} // namespace panto::storage
