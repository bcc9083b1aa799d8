// SPDX-License-Identifier: LGPL-2.1-or-later
/// Source: ECMA-119 (ISO 9660) chapter 8; ECMA-167 part 2; El Torito 1.0, figures 2 to 5
#include "daemon/storage/fields.h"

namespace panto::storage
{

namespace
{

constexpr unsigned kFirstDescriptor = 16;
constexpr unsigned kMostDescriptors = 32;
constexpr size_t kEntryBytes = 32; // of a boot catalogue
using Sector = Block<kCdBlockBytes>;

enum Platform : uint8_t { kX86 = 0, kEfi = 0xef };
enum CatalogueEntry : uint8_t { kHeader = 0x90, kLastHeader = 0x91, kBootable = 0x88 };

void note_platform(IsoFormat &iso, uint8_t platform)
{
    iso.boots_bios = iso.boots_bios || platform == kX86;
    iso.boots_uefi = iso.boots_uefi || platform == kEfi;
}

bool valid(const Sector &catalogue)
{
    uint16_t sum = 0;
    for (size_t at = 0; at < kEntryBytes; at += 2)
        sum = uint16_t(sum + catalogue.u16(at));
    return catalogue.u8(0) == 1 && catalogue.u16(30) == 0xaa55 && sum == 0;
}

/// The default entry, then sections of entries, each for one platform.
void read_catalogue(const ReadAt &read, uint32_t lba, IsoFormat &iso)
{
    const Sector catalogue{read, lba * kCdBlockBytes};
    if (!valid(catalogue))
        return;
    uint8_t platform = catalogue.u8(1);
    if (catalogue.u8(kEntryBytes) == kBootable)
        note_platform(iso, platform);
    for (size_t at = 2 * kEntryBytes; at < kCdBlockBytes; at += kEntryBytes) {
        const uint8_t indicator = catalogue.u8(at);
        if (indicator == kHeader || indicator == kLastHeader)
            platform = catalogue.u8(at + 1);
        else if (indicator == kBootable)
            note_platform(iso, platform);
    }
}

void read_volume_descriptor(const ReadAt &read, const Sector &s, IsoFormat &iso)
{
    enum Type : uint8_t { kBootRecord = 0, kPrimary = 1, kSupplementary = 2 };
    switch (s.u8(0)) {
    case kBootRecord:
        if (s.holds(7, "EL TORITO SPECIFICATION"))
            read_catalogue(read, s.u32(0x47), iso);
        break;
    case kPrimary:
        iso.iso9660 = true;
        iso.label = s.text(40, 32);
        iso.announced_bytes = uint64_t(s.u32(80)) * s.u16(128);
        break;
    case kSupplementary:
        iso.joliet = iso.joliet ||
                     (s.holds(88, "%/") && (s.u8(90) == '@' || s.u8(90) == 'C' || s.u8(90) == 'E'));
        break;
    default:
        break;
    }
}

} // namespace

IsoFormat read_iso(const ReadAt &read)
{
    IsoFormat iso;
    for (unsigned i = 0; i < kMostDescriptors; ++i) {
        const Sector s{read, (kFirstDescriptor + i) * kCdBlockBytes};
        if (!s.whole())
            break;
        if (s.holds(1, "CD001"))
            read_volume_descriptor(read, s, iso);
        else if (s.holds(1, "NSR02") || s.holds(1, "NSR03"))
            iso.udf = true;
        else if (!s.holds(1, "BEA01") && !s.holds(1, "TEA01") && !s.holds(1, "BOOT2"))
            break;
    }
    return iso;
}

} // namespace panto::storage
