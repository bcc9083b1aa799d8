// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/unit/virtual_fixture.h"

namespace usage = hid::usage;

TEST_F(Virtual, EchoesWhatIsTyped)
{
    type("Hello, World! 0123 ~`@#$%^&*()_+{}|:\"<>?[]\\;',./");
    EXPECT_EQ(last_line(), "$ Hello, World! 0123 ~`@#$%^&*()_+{}|:\"<>?[]\\;',./");
}

TEST_F(Virtual, TypesWithEitherShift)
{
    tap(0x04, hid::kLeftShift);
    tap(0x04, hid::kRightShift);
    tap(0x04);
    EXPECT_EQ(last_line(), "$ AAa");
}

TEST_F(Virtual, EnterKeepsTheLineAndStartsTheNext)
{
    type("one\ntwo");
    const std::string text = computer.text();
    EXPECT_EQ(text.substr(text.find("$ one")), "$ one\n$ two");
}

TEST_F(Virtual, BackspaceTakesTheCharacterBeforeTheCaret)
{
    type("abc");
    tap(usage::kBackspace);
    EXPECT_EQ(last_line(), "$ ab");
    for (int i = 0; i < 5; ++i)
        tap(usage::kBackspace);
    EXPECT_EQ(last_line(), "$");
}

TEST_F(Virtual, DeleteTakesTheCharacterAtTheCaret)
{
    type("abc");
    tap(usage::kDelete);
    EXPECT_EQ(last_line(), "$ abc");
    tap(usage::kLeft);
    tap(usage::kDelete);
    EXPECT_EQ(last_line(), "$ ab");
}

TEST_F(Virtual, ArrowsMoveTheCaretWithinTheLine)
{
    type("ac");
    tap(usage::kLeft);
    type("b");
    tap(usage::kRight);
    tap(usage::kRight);
    type("d");
    EXPECT_EQ(last_line(), "$ abcd");
}

TEST_F(Virtual, HomeAndEndGoToTheEndsOfTheLine)
{
    type("b");
    tap(usage::kHome);
    tap(usage::kLeft);
    type("a");
    tap(usage::kEnd);
    type("c");
    EXPECT_EQ(last_line(), "$ abc");
}

TEST_F(Virtual, UpAndDownGoThroughTheLinesEntered)
{
    type("first\nsecond\n\n");
    tap(usage::kUp);
    EXPECT_EQ(last_line(), "$ second");
    tap(usage::kUp);
    tap(usage::kUp);
    EXPECT_EQ(last_line(), "$ first");
    tap(usage::kDown);
    EXPECT_EQ(last_line(), "$ second");
    tap(usage::kDown);
    tap(usage::kDown);
    EXPECT_EQ(last_line(), "$");
}

TEST_F(Virtual, TabGoesToTheNextStop)
{
    type("a\tb\tc");
    EXPECT_EQ(last_line(), "$ a     b       c");
}

TEST_F(Virtual, EscapeClearsTheLine)
{
    type("typo");
    tap(usage::kEscape);
    EXPECT_EQ(last_line(), "$");
}

TEST_F(Virtual, CapsLockTurnsLettersOverAndSendsItsLedBack)
{
    EXPECT_EQ(computer.leds(), 0);
    tap(usage::kCapsLock);
    EXPECT_EQ(computer.leds(), hid::kCapsLock);
    tap(0x04);
    tap(0x04, hid::kLeftShift);
    tap(0x1e);
    tap(usage::kCapsLock);
    EXPECT_EQ(computer.leds(), 0);
    tap(0x04);
    EXPECT_EQ(last_line(), "$ Aa1a");
}

TEST_F(Virtual, EachLockKeyHasItsLed)
{
    tap(usage::kNumLock);
    EXPECT_EQ(computer.leds(), hid::kNumLock);
    tap(usage::kScrollLock);
    EXPECT_EQ(computer.leds(), hid::kNumLock | hid::kScrollLock);
    tap(usage::kNumLock);
    EXPECT_EQ(computer.leds(), hid::kScrollLock);
}

TEST_F(Virtual, TheKeypadTypesDigitsWithNumLockAndMovesWithout)
{
    tap(usage::kNumLock);
    for (uint8_t key = usage::kPadDivide; key <= usage::kPadDecimal; ++key)
        if (key != usage::kPadEnter)
            tap(key);
    EXPECT_EQ(last_line(), "$ /*-+1234567890.");
    tap(usage::kNumLock);
    tap(0x5f); // 7 is Home
    tap(0x63); // the point is Delete
    EXPECT_EQ(last_line(), "$ *-+1234567890.");
    tap(0x59); // 1 is End
    tap(0x5c); // 4 is Left
    type("|");
    EXPECT_EQ(last_line(), "$ *-+1234567890|.");
    tap(usage::kPadEnter);
    EXPECT_EQ(last_line(), "$");
}

TEST_F(Virtual, AKeyHeldWhileOthersComeAndGoTypesOnce)
{
    keys(0, {0x04});
    keys(0, {0x04, 0x05});
    keys(0, {0x05});
    keys(0, {0x05, 0x06});
    keys(0, {0x05, 0x06}); // the same report again
    keys(0, {});
    EXPECT_EQ(last_line(), "$ abc");
}

TEST_F(Virtual, AKeyThatMovesToAnotherSlotIsNotPressedAgain)
{
    keys(0, {0x04, 0x05});
    keys(0, {0x05, 0x04});
    EXPECT_EQ(last_line(), "$ ab");
}

TEST_F(Virtual, TooManyKeysAtOnceTypeNothingAndReleaseNothing)
{
    keys(0, {0x04});
    keys(0, {1, 1, 1, 1, 1, 1});
    keys(0, {0x04});
    EXPECT_EQ(last_line(), "$ a");
    EXPECT_EQ(computer.held(), 1u);
}

TEST_F(Virtual, ShortcutsTypeNothing)
{
    tap(0x04, hid::kLeftCtrl);
    tap(0x04, hid::kLeftAlt);
    tap(0x04, hid::kRightMeta);
    tap(0x3a); // F1
    EXPECT_EQ(last_line(), "$");
}

TEST_F(Virtual, CtrlAltDelReboots)
{
    tap(usage::kCapsLock);
    type("lost");
    tap(usage::kDelete, hid::kLeftCtrl | hid::kLeftAlt);
    EXPECT_EQ(computer.state(), State::Post);
    EXPECT_EQ(computer.leds(), 0);
    now += 2s;
    EXPECT_EQ(last_line(), "$");
}

TEST_F(Virtual, CtrlAltDelRebootsInTheFirmwareToo)
{
    reboot();
    now += 1s;
    tap(usage::kDelete, hid::kRightCtrl | hid::kAltGr);
    now += 1s;
    EXPECT_EQ(computer.state(), State::Post);
}

TEST_F(Virtual, TypesNothingBeforeItsConsoleIsThere)
{
    reboot();
    type("early");
    tap(usage::kCapsLock);
    keys(0, {0x04}); // and it is still down when the console comes
    now += 2s;
    keys(0, {0x04});
    EXPECT_EQ(last_line(), "$");
    EXPECT_EQ(computer.leds(), 0);
}

TEST_F(Virtual, TakesReportsWhenOffAndForgetsThem)
{
    turn_off();
    type("nobody");
    press_power(100ms);
    now += 2s;
    EXPECT_EQ(last_line(), "$");
}

TEST_F(Virtual, TypesNothingWhileItShutsDown)
{
    press_power(100ms);
    type("late\n");
    EXPECT_EQ(last_line(), "Shutting down.");
}

TEST_F(Virtual, ALongLineGoesOnInTheNextRow)
{
    const std::string line(200, 'x');
    type(line);
    std::string text = computer.text();
    const size_t start = text.find("$ x");
    EXPECT_GE(std::count(text.begin() + ptrdiff_t(start), text.end(), '\n'), 2);
    std::erase(text, '\n');
    EXPECT_NE(text.find("$ " + line), std::string::npos);
}

TEST_F(Virtual, TheNewestRowsStayInSight)
{
    for (int i = 0; i < 100; ++i)
        type(std::to_string(i) + "\n");
    const std::string text = computer.text();
    EXPECT_EQ(last_line(), "$");
    EXPECT_NE(text.find("$ 99\n"), std::string::npos);
    EXPECT_EQ(text.find("$ 9\n"), std::string::npos);
}

TEST_F(Virtual, ALineHasAnEnd)
{
    for (int i = 0; i < 6000; ++i)
        tap(0x04);
    type("b");
    EXPECT_EQ(last_line().find('b'), std::string::npos);
}
