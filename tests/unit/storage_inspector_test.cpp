// SPDX-License-Identifier: LGPL-2.1-or-later
/// Images come from the tools that people make theirs with.
#include "daemon/storage/inspector.h"
#include "tests/unit/temp_dir.h"

#include <cstring>
#include <gtest/gtest.h>

using namespace panto;
using namespace panto::storage;

namespace
{

ReadAt reader(const std::string &bytes)
{
    return [&bytes](uint64_t offset, std::span<uint8_t> to) -> size_t {
        if (offset >= bytes.size())
            return 0;
        const size_t n = std::min<size_t>(to.size(), bytes.size() - offset);
        std::memcpy(to.data(), bytes.data() + offset, n);
        return n;
    };
}

class InspectorTest : public testing::Test
{
protected:
    void SetUp() override
    {
        dir.write("disc/README.TXT", "a disc\n");
        dir.write("disc/boot/loader.bin", std::string(2048, 'b'));
        dir.write("disc/boot/efi.img", std::string(4096, 'e'));
        dir.write("disc/BLOB", std::string(1500000, 'x'));
    }
    /// Runs a command in the folder, with its image in $i; returns the image.
    std::string made_by(const std::string &command)
    {
        const std::string line = "cd " + dir.path + " && export PATH=$PATH:/usr/sbin:/sbin" +
                                 " i=image && rm -f image && (" + command + ") >log 2>&1";
        EXPECT_EQ(std::system(line.c_str()), 0) << line << "\n" << content("log");
        return content("image");
    }
    std::string content(const std::string &name)
    {
        std::ifstream file{dir.path + "/" + name, std::ios::binary};
        return {std::istreambuf_iterator<char>{file}, {}};
    }
    Inspection inspected(const std::string &image) { return inspect(reader(image), image.size()); }

    TempDir dir;
};

void put(std::string &image, size_t at, const std::string &bytes)
{
    image.replace(at, bytes.size(), bytes);
}

const std::string kBootable = "genisoimage -V SETUP -J -R -b boot/loader.bin -no-emul-boot "
                              "-boot-load-size 4 -c boot/catalogue -o $i disc";

} // namespace

TEST_F(InspectorTest, KnowsAPlainDisc)
{
    const auto i = inspected(made_by("genisoimage -V 'HOLIDAY PICTURES' -o $i disc"));
    EXPECT_EQ(i.kind, "iso");
    EXPECT_EQ(i.label(), "HOLIDAY PICTURES");
    EXPECT_FALSE(i.iso.joliet || i.iso.udf || i.iso.boots_bios || i.iso.boots_uefi);
    EXPECT_EQ(i.mount_as, As::CdRom);
    EXPECT_EQ(i.reason, "an ISO 9660 disc, not bootable");
    EXPECT_EQ(i.no_cdrom, "");
    EXPECT_TRUE(i.warnings.empty());
}

TEST_F(InspectorTest, KnowsADiscThatBootsByBios)
{
    const auto i = inspected(made_by(kBootable));
    EXPECT_TRUE(i.iso.joliet);
    EXPECT_TRUE(i.iso.boots_bios);
    EXPECT_FALSE(i.iso.boots_uefi);
    EXPECT_EQ(i.reason, "an ISO 9660 disc that boots by El Torito (BIOS)");
}

TEST_F(InspectorTest, KnowsADiscThatBootsByBiosAndUefi)
{
    const auto i = inspected(
        made_by("xorriso -as mkisofs -V BOTH -b boot/loader.bin -no-emul-boot -boot-load-size 4 "
                "-c boot/catalogue -eltorito-alt-boot -e boot/efi.img -no-emul-boot -o $i disc"));
    EXPECT_TRUE(i.iso.boots_bios);
    EXPECT_TRUE(i.iso.boots_uefi);
    EXPECT_EQ(i.kind, "iso");
    EXPECT_EQ(i.mount_as, As::CdRom);
    EXPECT_EQ(i.reason, "an ISO 9660 disc that boots by El Torito (BIOS and UEFI)");
}

TEST_F(InspectorTest, KnowsADiscThatBootsByUefiOnly)
{
    const auto i = inspected(made_by("xorriso -as mkisofs -V EFI -e boot/efi.img -no-emul-boot "
                                     "-c boot/catalogue -o $i disc"));
    EXPECT_FALSE(i.iso.boots_bios);
    EXPECT_TRUE(i.iso.boots_uefi);
}

TEST_F(InspectorTest, KnowsAHybrid)
{
    const auto mbr = inspected(
        made_by("xorriso -as mkisofs -V HYBRID -b boot/loader.bin -no-emul-boot -boot-load-size 4 "
                "-c boot/catalogue -partition_offset 16 -o $i disc"));
    EXPECT_EQ(mbr.kind, "hybrid-iso");
    EXPECT_EQ(mbr.disk.table, "mbr");
    EXPECT_EQ(mbr.mount_as, As::CdRom);
    const auto gpt = inspected(
        made_by("xorriso -as mkisofs -V HYBRID -b boot/loader.bin -no-emul-boot -boot-load-size 4 "
                "-c boot/catalogue -eltorito-alt-boot -e boot/efi.img -no-emul-boot "
                "-isohybrid-gpt-basdat -efi-boot-part --efi-boot-image -o $i disc"));
    EXPECT_EQ(gpt.kind, "hybrid-iso");
    EXPECT_EQ(gpt.disk.table, "gpt");
    EXPECT_TRUE(gpt.disk.boots_uefi);
}

TEST_F(InspectorTest, KnowsAUdfBridge)
{
    const auto i = inspected(made_by("genisoimage -udf -V BRIDGE -o $i disc"));
    EXPECT_TRUE(i.iso.udf);
    EXPECT_TRUE(i.iso.iso9660);
    EXPECT_EQ(i.mount_as, As::CdRom);
}

TEST_F(InspectorTest, KnowsPureUdf)
{
    std::string image(kMinCdBytes, '\0');
    for (const auto &[sector, id] : {std::pair{16, "BEA01"}, {17, "NSR03"}, {18, "TEA01"}})
        put(image, sector * 2048 + 1, id);
    const auto i = inspected(image);
    EXPECT_EQ(i.kind, "udf");
    EXPECT_EQ(i.mount_as, As::CdRom);
    EXPECT_EQ(i.reason, "a UDF disc, not bootable");
}

TEST_F(InspectorTest, KnowsFatFileSystems)
{
    for (const auto &[bits, size, cluster] :
         {std::tuple{"12", "2M", "1"}, {"16", "32M", "4"}, {"32", "64M", "1"}}) {
        const auto i =
            inspected(made_by("truncate -s " + std::string{size} + " $i && mkfs.vfat -F" + bits +
                              " -s " + cluster + " -n STICK $i"));
        EXPECT_EQ(i.kind, "filesystem");
        EXPECT_EQ(i.disk.filesystem, std::string{"fat"} + bits);
        EXPECT_EQ(i.label(), "STICK");
        EXPECT_EQ(i.mount_as, As::Disk);
        EXPECT_EQ(i.reason, std::string{"a disk without partitions, formatted as fat"} + bits);
        EXPECT_TRUE(i.warnings.empty());
    }
}

TEST_F(InspectorTest, KnowsOtherFileSystems)
{
    EXPECT_EQ(inspected(made_by("truncate -s 4M $i && mke2fs -q -t ext4 -L DATA $i")).label(),
              "DATA");
    std::string image(1 << 20, '\0');
    put(image, 3, "EXFAT   ");
    EXPECT_EQ(inspected(image).disk.filesystem, "exfat");
    put(image, 3, "NTFS    ");
    EXPECT_EQ(inspected(image).disk.filesystem, "ntfs");
}

TEST_F(InspectorTest, KnowsPartitionTables)
{
    const auto mbr = inspected(made_by("truncate -s 8M $i && printf '%s\\n' 'label: dos' "
                                       "'start=2048,size=4096,type=c,bootable' 'type=ef' | "
                                       "sfdisk -q $i && printf boot | dd of=$i conv=notrunc"));
    EXPECT_EQ(mbr.kind, "disk");
    EXPECT_EQ(mbr.disk.table, "mbr");
    EXPECT_EQ(mbr.disk.partitions, 2u);
    EXPECT_TRUE(mbr.disk.boots_bios);
    EXPECT_TRUE(mbr.disk.boots_uefi);
    EXPECT_EQ(mbr.reason, "a disk with a MBR partition table");
    const auto gpt = inspected(made_by("truncate -s 8M $i && printf '%s\\n' 'label: gpt' "
                                       "'start=2048,size=4096,type=U' 'type=L' | sfdisk -q $i"));
    EXPECT_EQ(gpt.disk.table, "gpt");
    EXPECT_EQ(gpt.disk.partitions, 2u);
    EXPECT_TRUE(gpt.disk.boots_uefi);
    EXPECT_FALSE(gpt.disk.boots_bios);
    EXPECT_TRUE(gpt.warnings.empty());
}

TEST_F(InspectorTest, WarnsOfATableThatCountsIn4096Bytes)
{
    std::string image(1 << 20, '\0');
    std::string header(92, '\0');
    put(header, 0, "EFI PART");
    header[24] = 1;
    put(image, 4096, header);
    const auto i = inspected(image);
    EXPECT_EQ(i.disk.table, "gpt");
    ASSERT_EQ(i.warnings.size(), 1u);
    EXPECT_NE(i.warnings[0].find("sectors of 4096 bytes"), std::string::npos);
}

TEST_F(InspectorTest, OffersADiscThatIsTooLargeAsADisk)
{
    const std::string image = made_by(kBootable);
    const auto largest = inspect(reader(image), kMaxCdBytes + kCdBlockBytes - 1);
    EXPECT_EQ(largest.mount_as, As::CdRom);
    const auto i = inspect(reader(image), kMaxCdBytes + kCdBlockBytes);
    EXPECT_EQ(i.mount_as, As::Disk);
    EXPECT_EQ(i.reason, "an ISO 9660 disc, but it is larger than 1151999 sectors of 2048 bytes "
                        "(2.2 GiB), all that the kernel shows of a CD-ROM");
    ASSERT_EQ(i.warnings.size(), 1u);
    EXPECT_EQ(i.warnings[0], "as a disk it will not boot: it has no partition table");
}

TEST_F(InspectorTest, SaysThatALargeHybridBootsAsADisk)
{
    const std::string image =
        made_by("xorriso -as mkisofs -b boot/loader.bin -no-emul-boot -boot-load-size 4 "
                "-c boot/catalogue -partition_offset 16 -o $i disc");
    const auto i = inspect(reader(image), kMaxCdBytes + kCdBlockBytes);
    EXPECT_EQ(i.mount_as, As::Disk);
    EXPECT_NE(i.reason.find("it is a hybrid and boots as a disk, too"), std::string::npos);
    EXPECT_TRUE(i.warnings.empty());
}

TEST_F(InspectorTest, OffersADiscThatIsTooSmallAsADisk)
{
    dir.write("small/A", "a");
    const auto i = inspected(made_by("genisoimage -no-pad -o $i small"));
    ASSERT_LT(i.size_bytes, kMinCdBytes);
    EXPECT_EQ(i.mount_as, As::Disk);
    EXPECT_NE(i.no_cdrom.find("smaller than 300 sectors"), std::string::npos);
}

TEST_F(InspectorTest, SaysWhenAnImageIsCutShort)
{
    std::string image = made_by(kBootable);
    image.resize(image.size() / 2 / 512 * 512);
    const auto i = inspected(image);
    ASSERT_EQ(i.warnings.size(), 1u);
    EXPECT_EQ(i.warnings[0].find("it is cut short: "), 0u);
}

TEST_F(InspectorTest, SaysWhenTheLastSectorIsNotWhole)
{
    std::string image(1024 + 7, 'z');
    const auto i = inspected(image);
    EXPECT_EQ(i.kind, "unknown");
    ASSERT_EQ(i.warnings.size(), 1u);
    EXPECT_EQ(i.warnings[0], "its last 7 bytes are no whole sector and will not be seen");
}

TEST_F(InspectorTest, BearsAnythingElse)
{
    EXPECT_EQ(inspected("").kind, "empty");
    EXPECT_EQ(inspected("x").kind, "unknown");
    EXPECT_EQ(inspected(std::string(100, '\0')).kind, "unknown");
    EXPECT_EQ(inspected(std::string(1 << 17, '\xff')).kind, "unknown");
}

TEST_F(InspectorTest, TakesNoTextThatCouldHarmWhoPrintsIt)
{
    std::string image = made_by(kBootable);
    put(image, 16 * 2048 + 40,
        "\x1b[31m<\x80\n"
        "x");
    EXPECT_EQ(inspected(image).label().substr(0, 9), "?[31m<??x");
}
