// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/usbhid/codes.h"
#include "lib/usbhid/keymap.h"
#include "lib/usbhid/usages.h"

#include <gtest/gtest.h>
#include <set>

using namespace panto::hid;

namespace
{

/// What a computer with this layout makes of strokes.
std::u32string decode(const Layout &layout, const std::vector<Stroke> &strokes)
{
    std::u32string out;
    char32_t mark = 0;
    for (const Stroke &stroke : strokes) {
        const char32_t c = character(layout, stroke);
        if (mark)
            out += compose(mark, c);
        else if (!is_mark(c))
            out += c;
        mark = is_mark(c) ? c : 0;
    }
    return out;
}

using Strokes = std::vector<Stroke>;
const Layout &us = *find_layout("us");
const Layout &de = *find_layout("de");

} // namespace

TEST(Keymap, FindsALayoutByItsId)
{
    EXPECT_EQ(find_layout("de")->name, "German");
    EXPECT_EQ(find_layout("us")->name, "English (US)");
    for (const char *none : {"", "xx", "DE", "de "})
        EXPECT_EQ(find_layout(none), nullptr) << none;
}

TEST(Keymap, EachLayoutHasItsOwnIdAndEachKeyOneLine)
{
    std::set<std::string_view> ids;
    for (const Layout *layout : layouts()) {
        EXPECT_TRUE(ids.insert(layout->id).second) << layout->id;
        std::set<uint8_t> keys;
        for (const Key &key : layout->keys) {
            EXPECT_TRUE(keys.insert(key.usage).second) << layout->id << " " << int(key.usage);
            EXPECT_FALSE(code_for_usage(key.usage).empty()) << int(key.usage);
        }
    }
}

TEST(Keymap, EveryLayoutTypesAllOfAscii)
{
    for (const Layout *layout : layouts())
        for (char32_t c = 0x20; c < 0x7f; ++c)
            EXPECT_FALSE(strokes(*layout, c).empty()) << layout->id << " " << char(c);
}

TEST(Keymap, WhatIsTypedComesOutOnTheOtherSide)
{
    for (const Layout *layout : layouts()) {
        unsigned typeable = 0;
        for (char32_t c = 1; c < 0x3000; ++c) {
            const Strokes taps = strokes(*layout, c);
            if (taps.empty())
                continue;
            ++typeable;
            ASSERT_EQ(decode(*layout, taps), std::u32string(1, c))
                << layout->id << " U+" << std::hex << unsigned(c);
        }
        EXPECT_GE(typeable, 97u) << layout->id;
    }
}

TEST(Keymap, EveryLevelOfEveryKeyIsReached)
{
    for (const Layout *layout : layouts())
        for (const Key &key : layout->keys)
            for (const char32_t c : {key.plain, key.shift, key.altgr, key.shift_altgr})
                if (c && !is_mark(c)) {
                    EXPECT_EQ(strokes(*layout, c).size(), 1u) << layout->id << " " << unsigned(c);
                }
}

TEST(Keymap, ABlankDeadKeyIsFollowedByASpace)
{
    EXPECT_EQ(strokes(de, U'^'), (Strokes{{0, 0x35}, {0, usage::kSpace}}));
    EXPECT_EQ(strokes(de, U'´'), (Strokes{{0, 0x2e}, {0, usage::kSpace}}));
    EXPECT_EQ(strokes(de, U'`'), (Strokes{{kLeftShift, 0x2e}, {0, usage::kSpace}}));
}

TEST(Keymap, ADeadKeyAndItsBaseMakeAnAccent)
{
    EXPECT_EQ(strokes(de, U'é'), (Strokes{{0, 0x2e}, {0, 0x08}}));
    EXPECT_EQ(strokes(de, U'È'), (Strokes{{kLeftShift, 0x2e}, {kLeftShift, 0x08}}));
    EXPECT_EQ(strokes(de, U'û'), (Strokes{{0, 0x35}, {0, 0x18}}));
    EXPECT_EQ(strokes(de, U'ý'), (Strokes{{0, 0x2e}, {0, 0x1d}})) << "y is on the Z key";
}

TEST(Keymap, AMarkByItselfIsNotTyped)
{
    EXPECT_TRUE(strokes(de, U'\u0301').empty());
    EXPECT_TRUE(strokes(de, 0).empty());
}

TEST(Keymap, WhatALayoutLacksIsNotTyped)
{
    for (const char32_t c : {U'é', U'ä', U'€', U'ß', U'\u4e2d', U'\x1b', U'\x7f', U'\U0001f600'})
        EXPECT_TRUE(strokes(us, c).empty()) << unsigned(c);
    for (const char32_t c : {U'ñ', U'å', U'¨', U'ç', U'\u4e2d'})
        EXPECT_TRUE(strokes(de, c).empty()) << unsigned(c);
}

TEST(Keymap, WhatALayoutCanTypeIsKnownBeforehand)
{
    for (const Layout *layout : layouts()) {
        const std::u32string can = typeable(*layout);
        for (char32_t c = 1; c < 0x3000; ++c)
            EXPECT_EQ(can.find(c) != can.npos, !strokes(*layout, c).empty()) << uint32_t(c);
        EXPECT_EQ(std::set<char32_t>(can.begin(), can.end()).size(), can.size()) << "each once";
    }
}

TEST(Keymap, UsKeysAreWhereTheyAre)
{
    EXPECT_EQ(strokes(us, U'a'), (Strokes{{0, 0x04}}));
    EXPECT_EQ(strokes(us, U'Z'), (Strokes{{kLeftShift, 0x1d}}));
    EXPECT_EQ(strokes(us, U'0'), (Strokes{{0, 0x27}}));
    EXPECT_EQ(strokes(us, U'|'), (Strokes{{kLeftShift, 0x31}}));
    EXPECT_EQ(strokes(us, U'~'), (Strokes{{kLeftShift, 0x35}}));
    EXPECT_EQ(strokes(us, U'\n'), (Strokes{{0, usage::kEnter}}));
    EXPECT_EQ(strokes(us, U'\t'), (Strokes{{0, usage::kTab}}));
    EXPECT_EQ(strokes(us, U' '), (Strokes{{0, usage::kSpace}}));
}

TEST(Keymap, GermanKeysAreWhereTheyAre)
{
    const struct {
        char32_t c;
        uint8_t modifiers;
        uint8_t usage;
    } kExpected[] = {
        {U'y', 0, 29},           {U'Z', kLeftShift, 28},  {U'ä', 0, 52},
        {U'Ö', kLeftShift, 51},  {U'ü', 0, 47},           {U'ß', 0, 45},
        {U'/', kLeftShift, 36},  {U'(', kLeftShift, 37},  {U'&', kLeftShift, 35},
        {U')', kLeftShift, 38},  {U'"', kLeftShift, 31},  {U'?', kLeftShift, 45},
        {U'{', kAltGr, 36},      {U'[', kAltGr, 37},      {U']', kAltGr, 38},
        {U'}', kAltGr, 39},      {U'\\', kAltGr, 45},     {U'@', kAltGr, 20},
        {U'+', 0, 48},           {U'*', kLeftShift, 48},  {U'~', kAltGr, 48},
        {U'#', 0, 50},           {U'\'', kLeftShift, 50}, {U'<', 0, 100},
        {U'>', kLeftShift, 100}, {U'|', kAltGr, 100},     {U';', kLeftShift, 54},
        {U':', kLeftShift, 55},  {U'-', 0, 56},           {U'_', kLeftShift, 56},
        {U'°', kLeftShift, 53},  {U'§', kLeftShift, 32},  {U'€', kAltGr, 8},
        {U'²', kAltGr, 31},      {U'³', kAltGr, 32},      {U'=', kLeftShift, 39},
    };
    for (const auto &e : kExpected)
        EXPECT_EQ(strokes(de, e.c), (Strokes{{e.modifiers, e.usage}})) << unsigned(e.c);
}

TEST(Keymap, EitherShiftReachesTheShiftedLevel)
{
    EXPECT_EQ(character(us, {kRightShift, 0x04}), U'A');
    EXPECT_EQ(character(us, {kLeftCtrl | kLeftShift, 0x04}), U'A');
    EXPECT_EQ(character(de, {kAltGr, 0x14}), U'@');
    EXPECT_EQ(character(us, {0, 0x3a}), U'\0');
}

TEST(Codes, NameEveryKeyBothWays)
{
    EXPECT_EQ(usage_for_code("KeyA"), 0x04);
    EXPECT_EQ(usage_for_code("Digit0"), 0x27);
    EXPECT_EQ(usage_for_code("IntlBackslash"), 0x64);
    EXPECT_EQ(usage_for_code("F24"), 0x73);
    EXPECT_EQ(usage_for_code("Lang5"), 0x94);
    EXPECT_EQ(usage_for_code("ShiftLeft"), 0xe1);
    EXPECT_EQ(usage_for_code("MetaRight"), usage::kLastModifier);
    unsigned named = 0;
    for (unsigned usage = 0; usage < 256; ++usage)
        if (const auto code = code_for_usage(uint8_t(usage)); !code.empty()) {
            EXPECT_EQ(usage_for_code(code), usage) << code;
            ++named;
        }
    EXPECT_EQ(named, 145u);
}

TEST(Codes, SayNothingOfAnUnknownKey)
{
    EXPECT_EQ(usage_for_code(""), 0);
    EXPECT_EQ(usage_for_code("keya"), 0);
    EXPECT_EQ(code_for_usage(0), "");
    EXPECT_EQ(code_for_usage(0xff), "");
}
