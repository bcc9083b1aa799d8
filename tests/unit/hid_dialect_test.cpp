// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/hid/dialect.h"
#include "lib/usbhid/report.h"

#include <gtest/gtest.h>
#include <string>

using namespace panto::hid;

namespace
{

using Report = Dialect::Report;
using Reports = std::vector<Report>;

constexpr char kP[] = "Python/3.11 aiohttp/3.8.4";
constexpr char kS[] = "Python/3.12 websockets/12.0";

Reports say(Dialect &d, std::string_view text)
{
    return d.decode({reinterpret_cast<const uint8_t *>(text.data()), text.size()});
}

Reports say(Dialect &d, const std::vector<uint8_t> &bytes)
{
    return d.decode(bytes);
}

/// What one message alone means.
Reports alone(std::string_view text, const char *user_agent = "")
{
    Dialect d{user_agent};
    return say(d, text);
}

Report keys(uint8_t modifiers, uint8_t usage = 0)
{
    return {modifiers, 0, usage, 0, 0, 0, 0, 0};
}

Report relative(uint8_t buttons, int dx, int dy, int wheel = 0)
{
    return {buttons, uint8_t(dx), uint8_t(dy), uint8_t(wheel)};
}

Report absolute(uint8_t buttons, unsigned x, unsigned y)
{
    return {buttons, uint8_t(x), uint8_t(x >> 8), uint8_t(y), uint8_t(y >> 8), 0};
}

} // namespace

TEST(BinaryDialect, TakesReportsAsTheyAre)
{
    Dialect d;
    EXPECT_EQ(say(d, {1, 5, 0, 0x4c, 0, 0, 0, 0, 0}), Reports{keys(5, 0x4c)});
    EXPECT_EQ(say(d, {1, 0, 0, 4, 5, 6, 7, 8, 9}), (Reports{{0, 0, 4, 5, 6, 7, 8, 9}}));
    EXPECT_EQ(say(d, {2, 0, 0, 0, 0xff}), Reports{relative(0, 0, 0, -1)});
    EXPECT_EQ(say(d, {2, 1, 0, 0x40, 0, 0x40, 0}), Reports{absolute(1, 0x4000, 0x4000)});
    EXPECT_FALSE(d.speaks_json());
}

TEST(BinaryDialect, TakesAConsumerKeyAsItIs)
{
    Dialect d;
    EXPECT_EQ(say(d, {3, 0xcd, 0}), Reports{(Report{0xcd, 0})});
    EXPECT_EQ(say(d, {3, 0, 0}), Reports{(Report{0, 0})});
}

TEST(BinaryDialect, HasAHeartbeatThatMeansNothing)
{
    Dialect d;
    EXPECT_EQ(say(d, std::vector<uint8_t>{0}), Reports{});
    EXPECT_EQ(say(d, {0, 1, 2, 3, 4, 5, 6, 7, 8}), Reports{});
}

TEST(BinaryDialect, IgnoresOtherTypesAndLengths)
{
    for (unsigned type = 0; type < 256; ++type)
        for (size_t length = 0; length < 70; ++length) {
            if (type == '[' || (type == 1 && length == 8) ||
                (type == 2 && (length == 4 || length == 6)) || (type == 3 && length == 2))
                continue;
            Dialect d;
            std::vector<uint8_t> message(length + 1, 7);
            message[0] = uint8_t(type);
            EXPECT_EQ(say(d, message), Reports{}) << type << " and " << length << " bytes";
        }
    Dialect d;
    EXPECT_EQ(say(d, std::vector<uint8_t>{}), Reports{});
}

TEST(JsonKeyboard, PressesOneKeyAndLetsGo)
{
    EXPECT_EQ(alone("[1,4,0,0,0,0]"), Reports{keys(0, 4)});
    EXPECT_EQ(alone("[1,0,0,0,0,0]"), Reports{keys(0)});
    EXPECT_EQ(alone(" [ 1 , 4 , 0 , 0 , 0 , 0 ] \n"), Reports{keys(0, 4)});
}

TEST(JsonKeyboard, TakesModifiersAsTheirBits)
{
    EXPECT_EQ(alone("[1,4,1,2,4,8]"), Reports{keys(0x0f, 4)});
    EXPECT_EQ(alone("[1,4,16,32,64,128]"), Reports{keys(0xf0, 4)});
}

TEST(JsonKeyboard, TakesTheModifierOneAsTheLeftKey)
{
    EXPECT_EQ(alone("[1,4,1,1,1,1]"),
              Reports{keys(kLeftCtrl | kLeftShift | kLeftAlt | kLeftMeta, 4)});
}

TEST(JsonKeyboard, PressesAModifierAlone)
{
    EXPECT_EQ(alone("[1,0,0,2,0,0]"), Reports{keys(kLeftShift)});
}

TEST(JsonKeyboard, KeepsAModifierToItsOwnBits)
{
    EXPECT_EQ(
        alone("[1,4,-1,255,65535,0]"),
        Reports{keys(kLeftCtrl | kRightCtrl | kLeftShift | kRightShift | kLeftAlt | kAltGr, 4)});
}

TEST(JsonKeyboard, HasNoKeyBeyondAByte)
{
    EXPECT_EQ(alone("[1,256,0,0,0,0]"), Reports{keys(0)});
    EXPECT_EQ(alone("[1,-4,0,0,0,0]"), Reports{keys(0)});
    EXPECT_EQ(alone("[1,2147483647,0,0,0,0]"), Reports{keys(0)});
}

TEST(JsonDialect, IsNoticed)
{
    Dialect d;
    say(d, "[3,1]");
    EXPECT_FALSE(d.speaks_json()) << "nonsense is no sign of it";
    say(d, "[1,4,0,0,0,0]");
    EXPECT_TRUE(d.speaks_json());
    Dialect mouse;
    say(mouse, "[2,0,0,0,0]");
    EXPECT_TRUE(mouse.speaks_json());
}

TEST(JsonDialect, IsExpectedOfTheClientsThatSpokeItUntilTheyDoNot)
{
    for (const char *agent : {kP, kS}) {
        Dialect d{agent};
        EXPECT_TRUE(d.speaks_json()) << agent;
        say(d, {1, 0, 0, 4, 0, 0, 0, 0, 0});
        EXPECT_FALSE(d.speaks_json()) << agent;
    }
}

TEST(JsonDialect, IgnoresNonsense)
{
    for (const char *text : {"[",
                             "]",
                             "[]",
                             "[1]",
                             "[1,4]",
                             "[1,4,0,0,0]",
                             "[1,4,0,0,0,0",
                             "[1,4,0,0,0,0]]",
                             "[1,4,0,0,0,0,0]",
                             "[1,4,0,0,0,0]x",
                             "[1,4,0,0,0,]",
                             "[,1,4,0,0,0,0]",
                             "[1 4 0 0 0 0]",
                             "[1,4,0,0,0,true]",
                             "[1,4,0,0,0,\"0\"]",
                             "[1,4.5,0,0,0,0]",
                             "[[1,4,0,0,0,0]]",
                             "[1,99999999999,0,0,0,0]",
                             "[+1,4,0,0,0,0]",
                             "[0x1,4,0,0,0,0]",
                             "[2,1,1,0]",
                             "[2,1,1,0,0,0]",
                             "[3,1,1,0,0]",
                             "[0,0,0,0,0,0]",
                             "[-1,4,0,0,0,0]",
                             "  ",
                             "{\"a\":1}",
                             "[2,6,0,0,0]",
                             "[2,-1,0,0,0]"})
        EXPECT_EQ(alone(text), Reports{}) << text;
}

TEST(JsonDialect, SurvivesTheLargestNumbers)
{
    for (const char *agent : {"", kP, kS})
        for (const char *event : {"0", "1", "2", "3", "4", "5"})
            for (const char *value : {"-2147483648", "2147483647", "-32768", "32768"})
                for (const Report &r :
                     alone(std::string{"[2,"} + event + ",1," + value + "," + value + "]", agent))
                    EXPECT_TRUE(r.size() == kRelativeSize || r.size() == kAbsoluteSize);
}

TEST(MouseDialectP, PressesItsButtonsAndLetsAllGo)
{
    Dialect d{kP};
    EXPECT_EQ(say(d, "[2,1,1,0,0]"), Reports{relative(kLeft, 0, 0)});
    EXPECT_EQ(say(d, "[2,0,0,0,0]"), Reports{relative(0, 0, 0)});
    EXPECT_EQ(say(d, "[2,1,2,0,0]"), Reports{relative(kRight, 0, 0)});
    EXPECT_EQ(say(d, "[2,1,4,0,0]"), Reports{relative(kRight | kMiddle, 0, 0)});
    EXPECT_EQ(say(d, "[2,0,0,0,0]"), Reports{relative(0, 0, 0)});
    EXPECT_EQ(say(d, "[2,1,3,0,0]"), Reports{relative(kMiddle, 0, 0)}) << "as old firmware had it";
}

TEST(MouseDialectP, MovesToAPlace)
{
    Dialect d{kP};
    EXPECT_EQ(say(d, "[2,2,0,16384,8192]"), Reports{absolute(0, 16384, 8192)});
    EXPECT_EQ(say(d, "[2,2,0,0,0]"), Reports{absolute(0, 0, 0)});
    EXPECT_EQ(say(d, "[2,2,0,32768,-5]"), Reports{absolute(0, 0x7fff, 0)});
}

TEST(MouseDialectP, MovesByASmallStepAsItIs)
{
    EXPECT_EQ(alone("[2,3,0,127,-127]", kP), Reports{relative(0, 127, -127)});
}

TEST(MouseDialectP, DragsByTheButtonThatAStepNames)
{
    EXPECT_EQ(alone("[2,3,1,10,10]", kP), Reports{relative(1, 10, 10)});
    Dialect d{kP};
    say(d, "[2,3,1,10,10]");
    EXPECT_EQ(say(d, "[2,3,0,1,1]"), Reports{relative(0, 1, 1)}) << "and no longer than that";
}

TEST(MouseDialectP, ScalesALargeStep)
{
    EXPECT_EQ(alone("[2,3,0,16384,-32768]", kP), Reports{relative(0, 64, -127)});
    EXPECT_EQ(alone("[2,3,0,2147483647,-2147483648]", kP), Reports{relative(0, 127, -127)});
}

TEST(MouseDialectP, TurnsTheWheelUpForPlus)
{
    EXPECT_EQ(alone("[2,4,0,0,258]", kP), Reports{relative(0, 0, 0, 1)});
    EXPECT_EQ(alone("[2,4,0,0,-516]", kP), (Reports{relative(0, 0, 0, -1), relative(0, 0, 0, -1)}));
}

TEST(MouseDialect, TurnsTheWheelByAtMost127Steps)
{
    EXPECT_EQ(alone("[2,4,0,0,2147483647]").size(), 127u);
    EXPECT_EQ(alone("[2,4,0,0,-2147483648]"), Reports(127, relative(0, 0, 0, -1)));
    EXPECT_EQ(alone("[2,4,0,0,0]"), Reports{});
}

TEST(MouseDialectS, PressesItsButtonsAndLetsAllGo)
{
    Dialect d{kS};
    EXPECT_EQ(say(d, "[2,1,0,0,0]"), Reports{relative(kLeft, 0, 0)});
    EXPECT_EQ(say(d, "[2,2,0,0,0]"), Reports{relative(0, 0, 0)});
    EXPECT_EQ(say(d, "[2,1,1,0,0]"), Reports{relative(kMiddle, 0, 0)});
    EXPECT_EQ(say(d, "[2,2,0,0,0]"), Reports{relative(0, 0, 0)});
    EXPECT_EQ(say(d, "[2,1,2,0,0]"), Reports{relative(kRight, 0, 0)});
}

TEST(MouseDialectS, MovesToAPlaceAndByAStep)
{
    Dialect d{kS};
    EXPECT_EQ(say(d, "[2,3,0,16000,9000]"), Reports{absolute(0, 16000, 9000)});
    EXPECT_EQ(say(d, "[2,3,0,5,5]"), Reports{absolute(0, 5, 5)});
    EXPECT_EQ(say(d, "[2,5,0,-3,4]"), Reports{relative(0, -3, 4)});
}

TEST(MouseDialectS, TurnsTheWheelDownForPlus)
{
    EXPECT_EQ(alone("[2,4,0,0,1]", kS), Reports{relative(0, 0, 0, -1)});
    EXPECT_EQ(alone("[2,4,0,0,-2]", kS), (Reports{relative(0, 0, 0, 1), relative(0, 0, 0, 1)}));
}

TEST(MouseDialectS, GoesThereFirstWhenAPressNamesAPlace)
{
    EXPECT_EQ(alone("[2,1,0,16384,16384]", kS),
              (Reports{absolute(0, 16384, 16384), absolute(kLeft, 16384, 16384)}));
}

TEST(MouseDialect, PressesWhereThePointerWasPlacedWithoutMovingIt)
{
    Dialect d{kS};
    say(d, "[2,3,0,16000,9000]");
    EXPECT_EQ(say(d, "[2,1,0,0,0]"), Reports{absolute(kLeft, 16000, 9000)});
    EXPECT_EQ(say(d, "[2,2,0,0,0]"), Reports{absolute(0, 16000, 9000)});
}

TEST(MouseDialect, DragsWithTheButtonHeld)
{
    Dialect d{kP};
    say(d, "[2,2,0,100,100]");
    say(d, "[2,1,1,0,0]");
    EXPECT_EQ(say(d, "[2,2,0,200,200]"), Reports{absolute(kLeft, 200, 200)});
    EXPECT_EQ(say(d, "[2,0,0,0,0]"), Reports{absolute(0, 200, 200)});
}

TEST(MouseDialect, DoesNotJumpBackWhenItPressesAfterAStep)
{
    Dialect d{kP};
    say(d, "[2,2,0,100,100]");
    say(d, "[2,3,0,10,10]"); // where it is now, only the computer knows
    EXPECT_EQ(say(d, "[2,1,1,0,0]"), Reports{relative(kLeft, 0, 0)});
    EXPECT_EQ(say(d, "[2,0,0,0,0]"), Reports{relative(0, 0, 0)});
}

TEST(MouseDialectFound, EventZeroMeansP)
{
    Dialect d;
    say(d, "[2,0,0,0,0]");
    EXPECT_EQ(say(d, "[2,3,0,200,200]"), Reports{relative(0, 1, 1)});
}

TEST(MouseDialectFound, EventFiveMeansS)
{
    Dialect d;
    say(d, "[2,5,0,1,1]");
    EXPECT_EQ(say(d, "[2,3,0,5,5]"), Reports{absolute(0, 5, 5)});
}

TEST(MouseDialectFound, ButtonZeroMeansS)
{
    Dialect d;
    EXPECT_EQ(say(d, "[2,1,0,0,0]"), Reports{relative(kLeft, 0, 0)});
    EXPECT_EQ(say(d, "[2,2,0,0,0]"), Reports{relative(0, 0, 0)});
    EXPECT_EQ(say(d, "[2,1,1,0,0]"), Reports{relative(kMiddle, 0, 0)});
}

TEST(MouseDialectFound, ButtonFourMeansP)
{
    Dialect d;
    EXPECT_EQ(say(d, "[2,1,4,0,0]"), Reports{relative(kMiddle, 0, 0)});
    EXPECT_EQ(say(d, "[2,2,0,0,0]"), Reports{absolute(kMiddle, 0, 0)}) << "a move to the corner";
}

TEST(MouseDialectFound, EventTwoWithAPlaceMeansP)
{
    Dialect d;
    EXPECT_EQ(say(d, "[2,2,0,10,10]"), Reports{absolute(0, 10, 10)});
    EXPECT_EQ(say(d, "[2,3,0,200,200]"), Reports{relative(0, 1, 1)});
}

TEST(MouseDialectFound, EventTwoWithoutAPlaceLetsGoWhileAButtonIsHeld)
{
    Dialect d;
    EXPECT_EQ(say(d, "[2,1,1,0,0]"), Reports{relative(kLeft, 0, 0)});
    EXPECT_EQ(say(d, "[2,2,0,0,0]"), Reports{relative(0, 0, 0)});
    EXPECT_EQ(say(d, "[2,2,0,0,0]"), Reports{absolute(0, 0, 0)}) << "nothing is held: a move";
}

TEST(MouseDialectFound, EventThreeWithAFarPlaceMeansS)
{
    Dialect d;
    EXPECT_EQ(say(d, "[2,3,0,16000,9000]"), Reports{absolute(0, 16000, 9000)});
    EXPECT_EQ(say(d, "[2,2,0,0,0]"), Reports{absolute(0, 16000, 9000)}) << "letting go";
}

TEST(MouseDialectFound, EventThreeIsAStepWhileItIsSmall)
{
    EXPECT_EQ(alone("[2,3,0,127,1]"), Reports{relative(0, 127, 1)});
    EXPECT_EQ(alone("[2,3,0,-300,200]"), Reports{relative(0, -1, 1)}) << "no place is negative";
    EXPECT_EQ(alone("[2,3,0,0,30000]"), Reports{relative(0, 0, 116)});
}
