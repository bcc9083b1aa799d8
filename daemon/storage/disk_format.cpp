// SPDX-License-Identifier: LGPL-2.1-or-later
/// Source: UEFI 2.10 chapter 5 (MBR, GPT); Microsoft's FAT specification 1.03; exFAT 1.00
#include "daemon/storage/fields.h"

#include <algorithm>

namespace panto::storage
{

namespace
{

using Sector = Block<kDiskBlockBytes>;

constexpr size_t kPartitionTable = 446;
constexpr size_t kPartitionBytes = 16;
constexpr unsigned kMostGptEntries = 128; // as many as the smallest table has
constexpr std::string_view kEspGuid{"\x28\x73\x2a\xc1\x1f\xf8\xd2\x11\xba\x4b\x00\xa0\xc9\x3e\xc9"
                                    "\x3b",
                                    16};
constexpr std::string_view kBiosBootGuid{"Hah!IdontNeedEFI"};
enum PartitionType : uint8_t { kNone = 0, kProtective = 0xee, kEfiSystem = 0xef };

bool power_of_two(unsigned n)
{
    return n && !(n & (n - 1));
}

/// A FAT boot sector; MBRs have the same last two bytes, but no such numbers.
bool read_fat(const Sector &s, DiskFormat &disk)
{
    const unsigned bytes = s.u16(11), per_cluster = s.u8(13), reserved = s.u16(14);
    const unsigned fats = s.u8(16), root_entries = s.u16(17);
    const bool jumps = s.u8(0) == 0xeb || s.u8(0) == 0xe9;
    if (!jumps || s.u16(510) != 0xaa55 || bytes < 512 || bytes > 4096 || !power_of_two(bytes) ||
        !power_of_two(per_cluster) || reserved == 0 || fats == 0 || fats > 2)
        return false;
    const uint64_t sectors = s.u16(19) ? s.u16(19) : s.u32(32);
    const uint64_t per_fat = s.u16(22) ? s.u16(22) : s.u32(36);
    const uint64_t meta = reserved + fats * per_fat + (root_entries * 32 + bytes - 1) / bytes;
    if (per_fat == 0 || sectors <= meta)
        return false;
    const uint64_t clusters = (sectors - meta) / per_cluster;
    const bool fat32 = s.u16(22) == 0;
    disk.filesystem = fat32 ? "fat32" : clusters < 4085 ? "fat12" : "fat16";
    disk.label = s.text(fat32 ? 71 : 43, 11);
    if (disk.label == "NO NAME")
        disk.label.clear();
    disk.announced_bytes = sectors * bytes;
    return true;
}

bool read_filesystem(const ReadAt &read, const Sector &first, DiskFormat &disk)
{
    if (first.holds(3, "EXFAT   ")) {
        disk.filesystem = "exfat";
        const unsigned shift = first.u8(108);
        disk.announced_bytes = shift >= 9 && shift <= 12 ? first.u64(72) << shift : 0;
    } else if (first.holds(3, "NTFS    ")) {
        disk.filesystem = "ntfs";
    } else if (!read_fat(first, disk)) {
        const Sector super{read, 1024};
        if (super.u16(56) != 0xef53)
            return false;
        disk.filesystem = "ext";
        disk.label = super.text(120, 16);
    }
    return true;
}

/// The header lies in block 1, whatever a block is; false when there is none.
bool read_gpt(const ReadAt &read, uint64_t block_bytes, DiskFormat &disk)
{
    const Sector header{read, block_bytes};
    if (!header.holds(0, "EFI PART") || header.u64(24) != 1)
        return false;
    disk.table = "gpt";
    disk.sectors_4k = block_bytes != kDiskBlockBytes;
    const uint64_t entries = header.u64(72);
    const unsigned count = std::min(header.u32(80), kMostGptEntries);
    const uint32_t entry_bytes = header.u32(84);
    if (entry_bytes < 128 || entry_bytes > 4096 || entries > (uint64_t{1} << 48))
        return true;
    for (unsigned i = 0; i < count; ++i) {
        const Block<128> entry{read, entries * block_bytes + uint64_t(i) * entry_bytes};
        if (!entry.whole())
            break;
        if (entry.u64(0) == 0 && entry.u64(8) == 0)
            continue;
        ++disk.partitions;
        disk.boots_uefi = disk.boots_uefi || entry.holds(0, kEspGuid);
        disk.boots_bios = disk.boots_bios || entry.holds(0, kBiosBootGuid);
        const uint64_t last = entry.u64(40);
        if (last < (uint64_t{1} << 48))
            disk.announced_bytes = std::max(disk.announced_bytes, (last + 1) * block_bytes);
    }
    return true;
}

bool has_boot_code(const Sector &mbr)
{
    for (size_t at = 0; at < 440; ++at)
        if (mbr.u8(at))
            return true;
    return false;
}

void read_mbr(const Sector &mbr, DiskFormat &disk)
{
    if (mbr.u16(510) != 0xaa55)
        return;
    bool active = false;
    for (size_t at = kPartitionTable; at < 510; at += kPartitionBytes) {
        const uint8_t status = mbr.u8(at), type = mbr.u8(at + 4);
        const uint64_t first = mbr.u32(at + 8), count = mbr.u32(at + 12);
        if ((status != 0 && status != 0x80) || type == kNone || type == kProtective || count == 0)
            continue;
        disk.table = "mbr";
        ++disk.partitions;
        active = active || status == 0x80;
        disk.boots_uefi = disk.boots_uefi || type == kEfiSystem;
        disk.announced_bytes = std::max(disk.announced_bytes, (first + count) * kDiskBlockBytes);
    }
    disk.boots_bios = active && has_boot_code(mbr);
}

} // namespace

DiskFormat read_disk(const ReadAt &read, uint64_t size_bytes)
{
    DiskFormat disk;
    const Sector first{read, 0};
    if (size_bytes < kDiskBlockBytes || !first.whole())
        return disk;
    if (read_filesystem(read, first, disk))
        return disk;
    read_mbr(first, disk);
    DiskFormat gpt;
    const bool has_gpt = read_gpt(read, kDiskBlockBytes, gpt) || read_gpt(read, 4096, gpt);
    if (has_gpt && (gpt.partitions || disk.partitions == 0)) { // hybrids have both
        gpt.boots_bios = gpt.boots_bios || disk.boots_bios;
        gpt.boots_uefi = gpt.boots_uefi || disk.boots_uefi;
        return gpt;
    }
    return disk;
}

} // namespace panto::storage
