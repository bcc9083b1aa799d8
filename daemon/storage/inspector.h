// SPDX-License-Identifier: LGPL-2.1-or-later
/// What an image is, and how a computer should see it: as a CD-ROM or as a disk.
///
/// Everything is read from untrusted bytes: a few sectors at bounded places, however large or odd
/// the image; nothing found in it is taken for a size to allocate or a count to loop to.
#pragma once

#include "lib/base/result.h"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace panto::storage
{

/// Reads at an offset; how many bytes came, fewer than asked for at the end or on an error.
using ReadAt = std::function<size_t(uint64_t offset, std::span<uint8_t> to)>;

/// The kernel's mass storage function shows no more of a CD-ROM, and refuses one that is smaller.
/// Source: Linux drivers/usb/gadget/function/storage_common.c, fsg_lun_open()
constexpr uint64_t kCdBlockBytes = 2048;
constexpr uint64_t kMaxCdBytes = 1151999 * kCdBlockBytes;
constexpr uint64_t kMinCdBytes = 300 * kCdBlockBytes;
constexpr uint64_t kDiskBlockBytes = 512;

/// What lies on a disc.
struct IsoFormat {
    bool iso9660 = false;
    bool joliet = false;
    bool udf = false;
    bool boots_bios = false; ///< by El Torito
    bool boots_uefi = false;
    std::string label;
    uint64_t announced_bytes = 0; ///< what the volume descriptor says it spans, 0 unknown
};
IsoFormat read_iso(const ReadAt &read);

/// What lies on a disk.
struct DiskFormat {
    std::string table;      ///< mbr, gpt, or "" for none
    std::string filesystem; ///< fat12, fat16, fat32, exfat, ntfs, ext: without a partition table
    std::string label;
    unsigned partitions = 0;
    bool boots_bios = false;
    bool boots_uefi = false;
    bool sectors_4k = false;      ///< the GPT counts in 4096 bytes, which no LUN of ours does
    uint64_t announced_bytes = 0; ///< where the last partition or the file system ends
};
DiskFormat read_disk(const ReadAt &read, uint64_t size_bytes);

enum class As { CdRom, Disk };

struct Inspection {
    uint64_t size_bytes = 0;
    IsoFormat iso;
    DiskFormat disk;
    std::string kind; ///< iso, hybrid-iso, udf, disk, filesystem, unknown, empty
    As mount_as = As::Disk;
    std::string reason;                ///< why so, one sentence
    std::string no_cdrom;              ///< why it cannot be a CD-ROM here; "" when it can
    std::vector<std::string> warnings; ///< what an operator should know before booting from it

    const std::string &label() const { return iso.label.empty() ? disk.label : iso.label; }
};

Inspection inspect(const ReadAt &read, uint64_t size_bytes);
/// Why an image of that size cannot be a CD-ROM on this kernel; "" when it can.
std::string cdrom_refusal(uint64_t size_bytes);

} // namespace panto::storage
