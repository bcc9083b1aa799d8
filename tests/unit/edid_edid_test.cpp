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

/// A preset that was changed, with checksums that are right.
Bytes sealed(Bytes bytes)
{
    for (size_t block = 0; block + 128 <= bytes.size(); block += 128) {
        int sum = 0;
        for (size_t i = 0; i < 127; ++i)
            sum += bytes[block + i];
        bytes[block + 127] = uint8_t(-sum);
    }
    return bytes;
}

Bytes changed(const std::map<size_t, uint8_t> &bytes)
{
    Bytes out = *build("1920x1080", Sound::Stereo);
    for (const auto &[at, byte] : bytes)
        out.at(at) = byte;
    return sealed(std::move(out));
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

TEST(Edid, IsRefusedWhenNoComputerCouldUseIt)
{
    const std::pair<std::map<size_t, uint8_t>, std::string> faults[] = {
        {{{18, 9}}, "its version is 9, not 1"},
        {{{18, 0}}, "its version is 0, not 1"},
        {{{8, 0}, {9, 0}}, "its manufacturer's id is not of three letters"},
        {{{8, 0x04}, {9, 0x3b}}, "its manufacturer's id is not of three letters"},
        {{{8, 0x84}, {9, 0x21}}, "its manufacturer's id is not of three letters"},
        {{{54, 0}, {55, 0}}, "its first descriptor is no timing"},
        {{{56, 0}, {58, 0x01}}, "its first timing is of 0x1080 pixels"},
        {{{59, 0}, {61, 0x00}}, "its first timing is of 1920x0 pixels"},
        {{{128, 0x77}}, "block 1 is of the kind 77, and there is none such"},
        {{{128, 0}}, "block 1 is of the kind 00"},
        {{{130, 250}}, "block 1 has its timings begin at 250, not at 4 to 127"},
        {{{130, 128}}, "begin at 128"},
        {{{130, 1}}, "begin at 1,"},
        {{{132, 0xff}}, "block 1 has a data block that reaches beyond "},
        {{{130, 5}}, "block 1 has a data block that reaches beyond 5, where its timings begin"},
    };
    for (const auto &[bytes, why] : faults)
        EXPECT_NE(problem(changed(bytes)).find(why), std::string::npos)
            << why << ": " << problem(changed(bytes));
}

TEST(Edid, IsTakenInEveryFormThatTheStandardsAllow)
{
    const Bytes two = *build("1920x1080", Sound::None);
    Bytes one = {two.begin(), two.begin() + 128};
    one[126] = 0;
    EXPECT_EQ(problem(sealed(one)), "") << "a DVI monitor has no extension";
    one[20] = 0x0e;
    EXPECT_EQ(problem(sealed(one)), "") << "an analog one";
    EXPECT_EQ(problem(changed({{19, 4}})), "") << "EDID 1.4";
    EXPECT_EQ(problem(changed({{8, 0x04}, {9, 0x21}})), "") << "made by AAA";
    EXPECT_EQ(problem(changed({{8, 0x6b}, {9, 0x5a}})), "") << "made by ZZZ";
    EXPECT_EQ(problem(changed({{130, 4}, {132, 0}, {133, 0}})), "") << "no data blocks";
    EXPECT_EQ(problem(changed({{129, 1}, {130, 4}, {132, 0}, {133, 0}})), "") << "CEA-861";
    EXPECT_EQ(problem(changed({{129, 3}, {130, 0}})), "") << "nothing but flags";
    for (const uint8_t kind : {0x10, 0x40, 0x50, 0x60, 0x70, 0xf0, 0xff})
        EXPECT_EQ(problem(changed({{128, kind}})), "") << unsigned(kind);
    Bytes full = two; // data up to the checksum, no timing
    std::fill(full.begin() + 128 + 4, full.end(), uint8_t{0});
    full[130] = 127;
    full[132] = full[164] = full[196] = 0xff; // 31 bytes follow each
    full[228] = 0xfa;                         // 26
    EXPECT_EQ(problem(sealed(full)), "");
    Bytes four = two;
    four.insert(four.end(), two.begin() + 128, two.end());
    four.insert(four.end(), two.begin() + 128, two.end());
    four[126] = 3;
    EXPECT_EQ(problem(sealed(four)), "");
    four[256] = 0x77;
    EXPECT_NE(problem(sealed(four)).find("block 2 is of the kind 77"), std::string::npos);
}

TEST(Edid, IsReadFromHexadecimalDigitsAndWrittenInThem)
{
    EXPECT_EQ(*from_hex("00 fF\n1a"), (Bytes{0, 0xff, 0x1a}));
    EXPECT_EQ(to_hex({0, 0xff, 0x1a}), "00ff1a");
    EXPECT_FALSE(from_hex("0"));
    EXPECT_FALSE(from_hex("0x00"));
}
