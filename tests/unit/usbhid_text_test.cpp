// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/usbhid/text.h"
#include "lib/usbhid/usages.h"

#include <gtest/gtest.h>

using namespace panto::hid;

namespace
{

std::span<const uint8_t> bytes(std::string_view s)
{
    return {reinterpret_cast<const uint8_t *>(s.data()), s.size()};
}

std::u32string decode(std::string_view s)
{
    Utf8Decoder decoder;
    std::u32string out = decoder.decode(bytes(s));
    return out + decoder.finish();
}

const Layout &us = *find_layout("us");
const Layout &de = *find_layout("de");

} // namespace

TEST(Utf8, DecodesEveryLength)
{
    EXPECT_EQ(decode("A\u00e9\u20ac\U0001f600"), U"A\u00e9\u20ac\U0001f600");
    EXPECT_EQ(decode(std::string_view{"\0", 1}), std::u32string(1, U'\0'));
    EXPECT_EQ(decode("\u0080\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff"),
              U"\u0080\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff");
}

TEST(Utf8, DoesNotMindHowTheTextIsCut)
{
    const std::string_view text = "a\u00e9\u20ac\U0001f600z";
    for (size_t cut = 0; cut <= text.size(); ++cut) {
        Utf8Decoder decoder;
        std::u32string out = decoder.decode(bytes(text.substr(0, cut)));
        out += decoder.decode(bytes(text.substr(cut)));
        EXPECT_EQ(out + decoder.finish(), U"a\u00e9\u20ac\U0001f600z") << cut;
    }
}

TEST(Utf8, ReportsEachIllFormedSequenceOnce)
{
    EXPECT_EQ(decode("\xff"), U"\ufffd");
    EXPECT_EQ(decode("\x80"), U"\ufffd");
    EXPECT_EQ(decode("a\xc3z"), U"a\ufffdz");
    EXPECT_EQ(decode("\xe2\x82"), U"\ufffd") << "cut off by the end";
    EXPECT_EQ(decode("\xe2\x82\xe2\x82\xac"), U"\ufffd€");
    EXPECT_EQ(decode("\xc0\xaf"), U"\ufffd\ufffd") << "overlong";
    EXPECT_EQ(decode("\xe0\x80\x80"), U"\ufffd\ufffd\ufffd") << "overlong";
    EXPECT_EQ(decode("\xed\xa0\x80"), U"\ufffd\ufffd\ufffd") << "a surrogate";
    EXPECT_EQ(decode("\xf4\x90\x80\x80"), U"\ufffd\ufffd\ufffd\ufffd") << "beyond Unicode";
    EXPECT_EQ(decode("\xf0\x9f\x98\x41"), U"\ufffdA");
}

TEST(Typing, PressesAndReleasesEachKey)
{
    const Typed typed = type_text(us, "aB");
    EXPECT_EQ(typed.reports,
              (std::vector<KeyboardReport>{{0, 0, 0x04}, {}, {kLeftShift, 0, 0x05}, {}}));
    EXPECT_EQ(typed.left_out, 0u);
}

TEST(Typing, ReleasesBetweenTwoOfTheSameKey)
{
    EXPECT_EQ(type_text(us, "aa").reports,
              (std::vector<KeyboardReport>{{0, 0, 0x04}, {}, {0, 0, 0x04}, {}}));
}

TEST(Typing, ADeadKeyIsAStrokeOfItsOwn)
{
    EXPECT_EQ(type_text(de, "é").reports,
              (std::vector<KeyboardReport>{{0, 0, 0x2e}, {}, {0, 0, 0x08}, {}}));
}

TEST(Typing, CountsWhatItCannotTypeAndGoesOn)
{
    const Typed typed = type_text(us, "a€é\xff"
                                      "b");
    EXPECT_EQ(typed.reports.size(), 4u);
    EXPECT_EQ(typed.left_out, 3u);
    EXPECT_EQ(type_text(us, "\xe2\x82").left_out, 1u);
}

TEST(Typing, EveryKindOfLineEndIsOneEnter)
{
    const KeyboardReport enter{0, 0, usage::kEnter};
    EXPECT_EQ(type_text(us, "\n\n").reports, (std::vector<KeyboardReport>{enter, {}, enter, {}}));
    EXPECT_EQ(type_text(us, "\r\n").reports, (std::vector<KeyboardReport>{enter, {}}));
    EXPECT_EQ(type_text(us, "\r\r").reports, (std::vector<KeyboardReport>{enter, {}, enter, {}}));
    EXPECT_EQ(type_text(us, "\n\r").reports, (std::vector<KeyboardReport>{enter, {}, enter, {}}));
}

TEST(Typing, ALineEndCutInTwoIsStillOneEnter)
{
    Typist typist{us};
    EXPECT_EQ(typist.type(bytes("\r")).reports.size(), 2u);
    EXPECT_EQ(typist.type(bytes("\na")).reports.size(), 2u);
}

TEST(Typing, ACharacterCutInTwoIsTypedWhenItIsWhole)
{
    Typist typist{de};
    EXPECT_TRUE(typist.type(bytes("\xc3")).reports.empty());
    const Typed typed = typist.type(bytes("\xa4"));
    EXPECT_EQ(typed.reports, (std::vector<KeyboardReport>{{0, 0, 52}, {}}));
    EXPECT_EQ(typist.finish().left_out, 0u);
}

TEST(Typing, NoTextIsNoReports)
{
    EXPECT_TRUE(type_text(us, "").reports.empty());
    EXPECT_EQ(type_text(us, "").left_out, 0u);
}
