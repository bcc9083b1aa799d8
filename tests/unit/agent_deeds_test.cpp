// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/agent/deeds.h"

#include <gtest/gtest.h>

using namespace panto;
using namespace panto::agent;
using namespace std::chrono_literals;

namespace
{

using Report = std::vector<uint8_t>;
using Reports = std::vector<Report>;

const Report kUp(8, 0);

Report stroke(uint8_t modifiers, uint8_t usage)
{
    return {modifiers, 0, usage, 0, 0, 0, 0, 0};
}

Reports reports_of(const Steps &steps)
{
    Reports out;
    for (const auto &step : steps)
        out.insert(out.end(), step.reports.begin(), step.reports.end());
    return out;
}

std::chrono::milliseconds time_of(const Steps &steps)
{
    std::chrono::milliseconds out{0};
    for (const auto &step : steps)
        out += step.then;
    return out;
}

} // namespace

TEST(Typing, PressesAndLetsGoEachKeyAfterTheOther)
{
    const auto plan = typing("aB", 30ms);
    EXPECT_EQ(reports_of(plan->steps), (Reports{stroke(0, 4), kUp, stroke(2, 5), kUp}));
    EXPECT_EQ(plan->typed, 2u);
    EXPECT_TRUE(plan->skipped.empty());
    EXPECT_EQ(time_of(plan->steps), 30ms) << "there is nothing to wait for after the last";
}

TEST(Typing, SaysWhatItSkipped)
{
    const auto plan = typing("aß漢b漢", 0ms);
    EXPECT_EQ(plan->typed, 2u);
    EXPECT_EQ(plan->skipped, (std::vector<std::string>{"ß", "漢", "漢"}));
    EXPECT_EQ(reports_of(plan->steps), (Reports{stroke(0, 4), kUp, stroke(0, 5), kUp}));
}

TEST(Typing, MakesOneEnterOfEachLineEnd)
{
    const auto plan = typing("\n\r\n\r", 0ms);
    const Report enter = stroke(0, 0x28);
    EXPECT_EQ(reports_of(plan->steps), (Reports{enter, kUp, enter, kUp, enter, kUp}));
    EXPECT_TRUE(plan->skipped.empty());
}

TEST(Typing, TakesUpTo1000CharactersAndThirtySeconds)
{
    EXPECT_TRUE(typing(std::string(1000, 'x'), 30ms));
    EXPECT_EQ(typing(std::string(1001, 'x'), 0ms).error().kind, Kind::Invalid);
    EXPECT_EQ(typing(std::string(1000, 'x'), 31ms).error().kind, Kind::Invalid);
    EXPECT_TRUE(typing(std::string(30, 'x'), 1000ms));
    EXPECT_FALSE(typing(std::string(31, 'x'), 1000ms));
    std::string umlauts;
    for (int i = 0; i < 1000; ++i)
        umlauts += "ä";
    EXPECT_TRUE(typing(umlauts, 30ms)) << "characters count, not bytes";
}

TEST(Typing, RefusesWhatIsNotUtf8)
{
    EXPECT_EQ(typing("\xff", 0ms).error().kind, Kind::Invalid);
}

TEST(KeyPress, HoldsAllKeysTogetherAndLetsGo)
{
    const auto steps = key_press({"ControlLeft", "AltLeft", "Delete"}, 70ms);
    EXPECT_EQ(reports_of(*steps), (Reports{stroke(0x05, 0x4c), kUp}));
    EXPECT_EQ(time_of(*steps), 70ms);
}

TEST(KeyPress, TakesShortNamesInAnyCase)
{
    for (const auto &[name, usage] : {std::pair{"a", 0x04},
                                      {"Z", 0x1d},
                                      {"0", 0x27},
                                      {"7", 0x24},
                                      {"ESC", 0x29},
                                      {"return", 0x28},
                                      {"Up", 0x52},
                                      {"pgdn", 0x4e},
                                      {"spacebar", 0x2c},
                                      {"keyq", 0x14},
                                      {"F24", 0x73},
                                      {"Win", 0xe3},
                                      {"cmd", 0xe3},
                                      {"Ctrl", 0xe0},
                                      {"option", 0xe2},
                                      {"AltRight", 0xe6},
                                      {"IntlYen", 0x89},
                                      {"NumpadEnter", 0x58}})
        EXPECT_EQ(usage_for_name(name), usage) << name;
    for (const char *name : {"", "ä", "KeyÄ", "F25", "A key", "+"})
        EXPECT_EQ(usage_for_name(name), 0) << name;
}

TEST(KeyPress, TakesAllModifiersAndSixKeys)
{
    std::vector<std::string> names{"ControlLeft",  "ShiftLeft",  "AltLeft",  "MetaLeft",
                                   "ControlRight", "ShiftRight", "AltRight", "MetaRight"};
    for (const char *key : {"a", "b", "c", "d", "e", "f"})
        names.push_back(key);
    EXPECT_EQ(reports_of(*key_press(names, 0ms))[0], (Report{0xff, 0, 4, 5, 6, 7, 8, 9}));
    names.push_back("f");
    EXPECT_TRUE(key_press(names, 0ms)) << "it is held already";
    names.push_back("g");
    EXPECT_EQ(key_press(names, 0ms).error().kind, Kind::Invalid);
}

TEST(KeyPress, RefusesANameThatIsNone)
{
    EXPECT_EQ(key_press({"KeyA", "Any"}, 0ms).error().kind, Kind::Invalid);
}

TEST(Pointer, GoesToAPlaceWithinTheReportsRange)
{
    EXPECT_EQ(reports_of(move_to({0, 0})), (Reports{{0, 1, 0, 1, 0, 0}}));
    EXPECT_EQ(reports_of(move_to({0.5, 1})), (Reports{{0, 0x00, 0x40, 0xff, 0x7f, 0}}));
}

TEST(Pointer, MovesFurtherThanOneReportCanSay)
{
    EXPECT_EQ(reports_of(move_by(0, 0)), (Reports{{0, 0, 0, 0}}));
    EXPECT_EQ(reports_of(move_by(300, -5)),
              (Reports{{0, 127, uint8_t(-5), 0}, {0, 127, 0, 0}, {0, 46, 0, 0}}));
    EXPECT_LT(time_of(move_by(32767, -32767)), 3s);
}

TEST(Pointer, ClicksWhereItIsOrAtAPlace)
{
    EXPECT_EQ(reports_of(clicks(2, 2, {})),
              (Reports{{2, 0, 0, 0}, {0, 0, 0, 0}, {2, 0, 0, 0}, {0, 0, 0, 0}}));
    const Report there{0, 0, 0x40, 0, 0x40, 0}, pressed{1, 0, 0x40, 0, 0x40, 0};
    EXPECT_EQ(reports_of(clicks(1, 1, Place{0.5, 0.5})), (Reports{there, pressed, there}));
}

TEST(Pointer, ScrollsDownAsAWebPageDoes)
{
    EXPECT_EQ(reports_of(scroll(1)), (Reports{{0, 0, 0, 0xff}}));
    EXPECT_EQ(reports_of(scroll(-127)), (Reports{{0, 0, 0, 127}}));
}
