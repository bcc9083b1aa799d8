// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/edid/edid.h"
#include "tests/unit/temp_dir.h"

#include <cstdlib>
#include <gtest/gtest.h>

using namespace panto;
using namespace panto::edid;

namespace
{

std::string problem(const Bytes &bytes)
{
    const auto sound = check(bytes);
    return sound ? "" : sound.error().message;
}

} // namespace

TEST(Edid, OffersEveryPresetToAReceiverWithoutLimits)
{
    EXPECT_EQ(presets({}), (std::vector<std::string>{"1024x768", "1280x720", "1280x1024",
                                                     "1920x1080", "1920x1200", "2560x1440"}));
}

TEST(Edid, OffersNoPresetWithAModeThatTheReceiverCannotTake)
{
    EXPECT_EQ(presets({1920, 1000, 150000}).back(), "1280x720") << "1280x1024 is taller";
    EXPECT_EQ(presets({4096, 2160, 150000}).back(), "1920x1080");
    EXPECT_TRUE(presets({640, 480, 25000}).empty());
}

TEST(Edid, IsFoundFaultlessByEdidDecodeInEveryPreset)
{
    TempDir dir;
    for (const std::string &name : presets({})) {
        const auto bytes = build(name);
        ASSERT_TRUE(bytes);
        dir.write(name, std::string{bytes->begin(), bytes->end()});
        const std::string file = dir.path + "/" + name, out = file + ".out";
        const std::string command = "edid-decode --check " + file + " >" + out + " 2>&1";
        EXPECT_EQ(std::system(command.c_str()), 0) << name;
        EXPECT_NE(std::system(("grep -qE 'Warnings|Failures' " + out).c_str()), 0) << name;
        EXPECT_EQ(std::system(("grep -q 'conformity: PASS' " + out).c_str()), 0) << name;
    }
}

TEST(Edid, PassesItsOwnCheckInEveryPreset)
{
    for (const std::string &name : presets({}))
        EXPECT_EQ(problem(*build(name)), "") << name;
}

TEST(Edid, KnowsNoPresetOfAnotherName)
{
    EXPECT_EQ(build("800x600").error().kind, Kind::NotFound);
}

TEST(Edid, IsTheSameMonitorWhereverItSitsInTheTreeOfDevices)
{
    const Bytes one = *build("1920x1080");
    Bytes other = one;
    const size_t address = 128 + 4 + 4 + 4; // behind a video block of three modes and a heading
    ASSERT_EQ(other[address], 0x10);
    other[address] = 0x20;
    other.back() = uint8_t(other.back() - 0x10);
    EXPECT_TRUE(same_monitor(one, other));
    EXPECT_FALSE(same_monitor(one, *build("1280x720")));
    EXPECT_TRUE(same_monitor({}, {}));
}

TEST(Edid, IsRefusedWithTheReason)
{
    const Bytes good = *build("1920x1080");
    EXPECT_NE(problem({}).find("0 bytes"), std::string::npos);
    EXPECT_NE(problem({good.begin(), good.end() - 1}).find("255 bytes"), std::string::npos);
    Bytes bad = good;
    bad[0] = 1;
    EXPECT_NE(problem(bad).find("does not begin"), std::string::npos);
    bad = good;
    ++bad[200];
    EXPECT_NE(problem(bad).find("checksum of block 1"), std::string::npos);
    bad = {good.begin(), good.begin() + 128};
    EXPECT_NE(problem(bad).find("announces 1 extensions and has 0"), std::string::npos);
}

TEST(Edid, IsReadFromHexadecimalDigitsAndWrittenInThem)
{
    EXPECT_EQ(*from_hex("00 fF\n1a"), (Bytes{0, 0xff, 0x1a}));
    EXPECT_EQ(to_hex({0, 0xff, 0x1a}), "00ff1a");
    EXPECT_FALSE(from_hex("0"));
    EXPECT_FALSE(from_hex("0x00"));
}
