// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/hid/paste.h"
#include "tests/unit/loop.h"

#include <gtest/gtest.h>
#include <optional>

using namespace panto;
using namespace panto::hid;

namespace
{

using Report = std::vector<uint8_t>;

Report stroke(uint8_t modifiers, uint8_t usage)
{
    return {modifiers, 0, usage, 0, 0, 0, 0, 0};
}

class PasteTest : public testing::Test
{
protected:
    void type(const std::string &text, const std::string &layout = "us")
    {
        result.reset();
        paste.type({"paster"}, text, layout, [this](Result<size_t> r) { result = std::move(r); });
    }
    Kind kind() const { return result->error().kind; }
    void finish()
    {
        for (int i = 0; i < 5000 && !result; ++i)
            Loop::fire_timers();
    }

    Time now{std::chrono::hours{1}};
    std::vector<Report> sent;
    Input input{[this](std::span<const uint8_t> r) { sent.emplace_back(r.begin(), r.end()); },
                [this] { return now; }};
    Paste paste{input};
    std::optional<Result<size_t>> result;
};

const Report kUp = stroke(0, 0);

} // namespace

TEST_F(PasteTest, PressesAndLetsGoOfOneKeyAfterAnother)
{
    type("aB");
    EXPECT_EQ(sent, (std::vector<Report>{stroke(0, 4), kUp}));
    EXPECT_FALSE(result) << "it answers when all is typed";
    finish();
    EXPECT_EQ(sent, (std::vector<Report>{stroke(0, 4), kUp, stroke(kLeftShift, 5), kUp}));
    ASSERT_TRUE(result);
    EXPECT_TRUE(*result);
}

TEST_F(PasteTest, TypesWithAnotherLayout)
{
    type("yß", "de");
    finish();
    EXPECT_EQ(sent, (std::vector<Report>{stroke(0, 29), kUp, stroke(0, 45), kUp}));
}

TEST_F(PasteTest, LeavesOutWhatTheLayoutCannotType)
{
    type("a漢b");
    finish();
    EXPECT_EQ(sent, (std::vector<Report>{stroke(0, 4), kUp, stroke(0, 5), kUp}));
    ASSERT_TRUE(*result);
    EXPECT_EQ(**result, 1u) << "and says how much that was";
}

TEST_F(PasteTest, TypesOneEnterAtTheEndOfALineHoweverItIsWritten)
{
    const Report enter = stroke(0, 40);
    type("\r\r\n\na");
    finish();
    EXPECT_EQ(sent, (std::vector<Report>{enter, kUp, enter, kUp, enter, kUp, stroke(0, 4), kUp}));
    EXPECT_EQ(**result, 0u) << "nothing is left out";
}

TEST_F(PasteTest, RefusesALayoutItDoesNotKnow)
{
    type("a", "klingon");
    ASSERT_TRUE(result);
    EXPECT_EQ(kind(), Kind::Invalid);
    EXPECT_TRUE(sent.empty());
}

TEST_F(PasteTest, RefusesWhatIsNotUtf8)
{
    for (const char *text : {"\xff", "a\xc3", "\xed\xa0\x80", "\xf8\x88\x80\x80\x80"}) {
        type(text);
        ASSERT_TRUE(result) << text;
        EXPECT_EQ(kind(), Kind::Invalid);
    }
    type(std::string{"a\0b", 3});
    EXPECT_EQ(kind(), Kind::Invalid);
    EXPECT_TRUE(sent.empty());
}

TEST_F(PasteTest, TakesUpTo65536Characters)
{
    std::string text;
    for (int i = 0; i < 65536; ++i)
        text += "ä";
    type(text, "de");
    EXPECT_FALSE(result) << "it is typing";
    paste.cancel();
    type(text + "ä", "de");
    ASSERT_TRUE(result);
    EXPECT_EQ(kind(), Kind::Invalid);
}

TEST_F(PasteTest, WaitsWhileTheComputerIsBehind)
{
    size_t waiting = 0;
    Paste paced{input, {[&] { return waiting; }}};
    paced.type({"paster"}, "abc", "us", [this](Result<size_t> r) { result = std::move(r); });
    waiting = 100;
    for (int i = 0; i < 20; ++i)
        Loop::fire_timers();
    EXPECT_EQ(sent.size(), 2u) << "one stroke, and then no more";
    waiting = 0;
    Loop::fire_timers();
    EXPECT_EQ(sent.size(), 4u);
}

TEST_F(PasteTest, IsDoneOnlyWhenTheComputerHasTakenTheLast)
{
    size_t waiting = 2;
    Paste paced{input, {[&] { return waiting; }}};
    paced.type({"paster"}, "a", "us", [this](Result<size_t> r) { result = std::move(r); });
    for (int i = 0; i < 20; ++i)
        Loop::fire_timers();
    EXPECT_EQ(sent.size(), 2u);
    EXPECT_FALSE(result);
    waiting = 0;
    Loop::fire_timers();
    ASSERT_TRUE(result);
    EXPECT_TRUE(*result);
}

TEST_F(PasteTest, IsRefusedAtOnceWhenItWouldGetNowhere)
{
    Cable cable;
    cable.ready = [](size_t size) -> Result<> {
        EXPECT_EQ(size, kKeyboardSize);
        return Error{Kind::Unavailable, "/dev/hidg0 is offline"};
    };
    Paste unheard{input, cable};
    unheard.type({"paster"}, "a", "us", [this](Result<size_t> r) { result = std::move(r); });
    ASSERT_TRUE(result);
    EXPECT_EQ(kind(), Kind::Unavailable);
    EXPECT_EQ(result->error().message, "/dev/hidg0 is offline");
    EXPECT_TRUE(sent.empty());
}

TEST_F(PasteTest, FailsWhenTheComputerDidNotTakeAllOfIt)
{
    uint64_t lost = 7; // of others before
    Cable cable;
    cable.lost = [&] { return lost; };
    Paste paced{input, cable};
    paced.type({"paster"}, "abc", "us", [this](Result<size_t> r) { result = std::move(r); });
    Loop::fire_timers();
    EXPECT_FALSE(result);
    ++lost;
    Loop::fire_timers();
    ASSERT_TRUE(result);
    EXPECT_EQ(kind(), Kind::Unavailable);
    EXPECT_EQ(result->error().message,
              "the computer took not all of the keys, after 2 of 3 keystrokes");
}

TEST_F(PasteTest, FailsWhenTheLastKeyIsLost)
{
    uint64_t lost = 0;
    Cable cable;
    cable.lost = [&] { return lost; };
    Paste paced{input, cable};
    paced.type({"paster"}, "a", "us", [this](Result<size_t> r) { result = std::move(r); });
    ++lost; // and nothing waits
    finish();
    EXPECT_FALSE(*result);
}

TEST_F(PasteTest, SaysHowFarItGotWhenTheComputerTakesNoMore)
{
    type("abc");
    Loop::fire_timers();
    paste.interrupt("the computer is asleep");
    ASSERT_TRUE(result);
    EXPECT_EQ(kind(), Kind::Unavailable);
    EXPECT_EQ(result->error().message, "the computer is asleep, after 2 of 3 keystrokes");
    paste.interrupt("once more does nothing");
}

TEST_F(PasteTest, TypesOneTextAtATime)
{
    type("ab");
    std::optional<Result<size_t>> second;
    paste.type({"paster"}, "c", "us", [&](Result<size_t> r) { second = std::move(r); });
    ASSERT_TRUE(second);
    EXPECT_EQ(second->error().kind, Kind::Busy);
    finish();
    EXPECT_TRUE(*result) << "the first goes on";
    type("c");
    finish();
    EXPECT_TRUE(*result) << "and then there is room";
}

TEST_F(PasteTest, WaitsUntilWhoeverTypesPauses)
{
    auto person = input.attach("paster"); // another line of the same operator, perhaps
    ASSERT_TRUE(person->report(stroke(0, 4)));
    ASSERT_TRUE(person->report(kUp));
    sent.clear();
    type("b");
    Loop::fire_timers();
    EXPECT_FALSE(result);
    EXPECT_TRUE(sent.empty());
    now += std::chrono::seconds{1};
    finish();
    EXPECT_TRUE(*result);
    EXPECT_EQ(sent, (std::vector<Report>{stroke(0, 5), kUp}));
}

TEST_F(PasteTest, TypesAtOnceForTheClientThatHasTheInput)
{
    auto console = input.attach("paster");
    console->introduce("a console's text");
    ASSERT_TRUE(console->report(stroke(0, 4)));
    sent.clear();
    paste.type({"paster", "a console's text"}, "b", "us", [](Result<size_t>) {});
    EXPECT_EQ(sent, (std::vector<Report>{kUp, stroke(0, 5), kUp}));
    EXPECT_TRUE(input.owned_by(*console)) << "it is the console that types";
}

TEST_F(PasteTest, GivesUpWhenTheInputStaysInUse)
{
    auto person = input.attach("person", [] { return true; });
    ASSERT_TRUE(person->report(stroke(0, 4)));
    sent.clear();
    type("b");
    finish();
    ASSERT_TRUE(result);
    EXPECT_EQ(kind(), Kind::Busy);
    EXPECT_TRUE(sent.empty());
}

TEST_F(PasteTest, KeepsTheInputWhileItTypes)
{
    auto person = input.attach("person");
    type("ab");
    auto refused = person->report(stroke(0, 4));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, Kind::Busy);
    finish();
    EXPECT_TRUE(person->report(stroke(0, 4)));
}

TEST_F(PasteTest, StopsWhenItsUserIsSignedOutAndNotAnother)
{
    paste.type({"bob@here", "", "bob"}, "abc", "us", [this](Result<size_t> r) { result = r; });
    paste.revoke("eve");
    EXPECT_FALSE(result);
    paste.revoke("bob");
    ASSERT_TRUE(result);
    EXPECT_EQ(kind(), Kind::Unavailable);
    EXPECT_EQ(sent.back(), kUp);
}

TEST_F(PasteTest, StopsWhenCancelled)
{
    type("abc");
    EXPECT_TRUE(paste.cancel());
    ASSERT_TRUE(result);
    EXPECT_EQ(kind(), Kind::Unavailable);
    const size_t before = sent.size();
    Loop::fire_timers();
    EXPECT_EQ(sent.size(), before);
    EXPECT_EQ(sent.back(), kUp);
    EXPECT_FALSE(paste.cancel()) << "there is nothing to cancel";
    type("d");
    finish();
    EXPECT_TRUE(*result);
}

TEST_F(PasteTest, AnswersWhenItEnds)
{
    std::optional<Result<size_t>> end;
    {
        Paste mortal{input};
        mortal.type({"paster"}, "abc", "us", [&](Result<size_t> r) { end = std::move(r); });
    }
    ASSERT_TRUE(end);
    EXPECT_EQ(end->error().kind, Kind::Unavailable);
}

TEST_F(PasteTest, HasNothingToDoForAnEmptyText)
{
    type("");
    ASSERT_TRUE(result);
    EXPECT_TRUE(*result);
    EXPECT_TRUE(sent.empty());
}
