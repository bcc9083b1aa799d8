// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/edid/edid.h"
#include "tests/unit/temp_dir.h"

#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <sstream>

using namespace panto;
using namespace panto::edid;

namespace
{

std::string problem(const Bytes &bytes)
{
    const auto sound = check(bytes);
    return sound ? "" : sound.error().message;
}

/// What edid-decode finds in a preset.
std::string decoded(const std::string &preset, Sound sound)
{
    TempDir dir;
    const Bytes bytes = *build(preset, sound);
    dir.write("edid", std::string{bytes.begin(), bytes.end()});
    const std::string out = dir.path + "/out";
    const std::string command = "edid-decode --check " + dir.path + "/edid >" + out + " 2>&1";
    EXPECT_EQ(std::system(command.c_str()), 0) << preset;
    std::ostringstream text;
    text << std::ifstream{out}.rdbuf();
    return text.str();
}

} // namespace

TEST(Edid, OffersEveryPresetToAReceiverWithoutLimits)
{
    EXPECT_EQ(presets({}),
              (std::vector<std::string>{"640x480", "800x600", "1024x768", "1280x720", "1280x1024",
                                        "1920x1080", "1920x1200", "2560x1440"}));
}

TEST(Edid, OffersNoPresetWithAModeThatTheReceiverCannotTake)
{
    EXPECT_EQ(presets({1920, 1000, 150000}).back(), "1280x720") << "1280x1024 is taller";
    EXPECT_EQ(presets({4096, 2160, 150000}).back(), "1920x1080");
    EXPECT_TRUE(presets({640, 480, 25000}).empty());
    EXPECT_EQ(presets({720, 576, 27000}), std::vector<std::string>{"640x480"});
    EXPECT_EQ(presets({1023, 768, 65000}).back(), "800x600");
}

TEST(Edid, IsFoundFaultlessByEdidDecodeInEveryPreset)
{
    for (const Sound sound : {Sound::None, Sound::Stereo})
        for (const std::string &name : presets({})) {
            const std::string said = decoded(name, sound);
            EXPECT_EQ(said.find("Warnings"), std::string::npos) << said;
            EXPECT_EQ(said.find("Failures"), std::string::npos) << said;
            EXPECT_NE(said.find("conformity: PASS"), std::string::npos) << said;
        }
}

TEST(Edid, AnnouncesStereoSoundInEveryPresetWhereItIsHeard)
{
    for (const std::string &name : presets({})) {
        const std::string said = decoded(name, Sound::Stereo);
        for (const char *word : {"Basic audio support", "Linear PCM:\n      Max channels: 2",
                                 "Supported sample rates (kHz): 48 44.1 32",
                                 "Supported sample sizes (bits): 16\n", "FL/FR - Front Left/Right"})
            EXPECT_NE(said.find(word), std::string::npos) << name << ": " << word << said;
    }
}

TEST(Edid, AnnouncesNoSoundWhereNobodyHears)
{
    for (const std::string &name : presets({})) {
        const std::string said = decoded(name, Sound::None);
        for (const char *word : {"Basic audio", "Linear PCM", "Speaker Allocation"})
            EXPECT_EQ(said.find(word), std::string::npos) << name << ": " << word;
    }
}

TEST(Edid, AnnouncesTheClockOfItsLargestModeAndNoMore)
{
    const std::map<std::string, std::string> megahertz = {
        {"640x480", "30"},    {"800x600", "40"},    {"1024x768", "65"},   {"1280x720", "75"},
        {"1280x1024", "110"}, {"1920x1080", "150"}, {"1920x1200", "155"}, {"2560x1440", "245"}};
    ASSERT_EQ(megahertz.size(), presets({}).size());
    for (const auto &[name, clock] : megahertz)
        EXPECT_NE(decoded(name, Sound::None).find("Maximum TMDS clock: " + clock + " MHz"),
                  std::string::npos)
            << name;
}

TEST(Edid, OffersNoModeLargerThanTheOneItIsNamedAfter)
{
    const auto offers = [](const char *preset, const char *mode) {
        return decoded(preset, Sound::None).find(mode) != std::string::npos;
    };
    EXPECT_TRUE(offers("640x480", " 640x480 "));
    for (const char *larger : {" 800x600 ", " 1024x768 ", " 1280x720 "})
        EXPECT_FALSE(offers("640x480", larger)) << larger;
    EXPECT_TRUE(offers("800x600", " 640x480 ") && offers("800x600", " 800x600 "));
    EXPECT_FALSE(offers("800x600", " 1024x768 "));
    EXPECT_TRUE(offers("1024x768", " 640x480 ") && offers("1024x768", " 800x600 "));
}

/// Else a monitor that was set by an older release would have no name any more.
TEST(Edid, IsTheSameMonitorInEveryRelease)
{
    const auto product = [](const char *preset) { return (*build(preset, Sound::None))[10]; };
    EXPECT_EQ(product("1024x768"), 1);
    EXPECT_EQ(product("2560x1440"), 6);
    EXPECT_EQ(product("640x480"), 7);
    EXPECT_EQ(product("800x600"), 8);
}

TEST(Edid, PassesItsOwnCheckInEveryPreset)
{
    for (const Sound sound : {Sound::None, Sound::Stereo})
        for (const std::string &name : presets({}))
            EXPECT_EQ(problem(*build(name, sound)), "") << name;
}

TEST(Edid, KnowsNoPresetOfAnotherName)
{
    EXPECT_EQ(build("720x576", Sound::None).error().kind, Kind::NotFound);
}

TEST(Edid, IsTheSameMonitorWhereverItSitsInTheTreeOfDevices)
{
    const Bytes one = *build("1920x1080", Sound::None);
    Bytes other = one;
    const size_t address = 128 + 4 + 4 + 4; // behind a video block of three modes and a heading
    ASSERT_EQ(other[address], 0x10);
    other[address] = 0x20;
    other.back() = uint8_t(other.back() - 0x10);
    EXPECT_TRUE(same_monitor(one, other));
    EXPECT_FALSE(same_monitor(one, *build("1280x720", Sound::None)));
    EXPECT_FALSE(same_monitor(one, *build("1920x1080", Sound::Stereo)));
    EXPECT_TRUE(same_monitor({}, {}));
}

TEST(Edid, IsRefusedWithTheReason)
{
    const Bytes good = *build("1920x1080", Sound::None);
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
