// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/control/channel.h"
#include "daemon/control/modes.h"
#include "lib/json/json.h"

#include <gtest/gtest.h>

using namespace panto;
using namespace panto::control;

namespace
{

using Lines = std::vector<std::string>;

std::vector<uint8_t> bytes(std::string_view text)
{
    return {text.begin(), text.end()};
}

/// An input with its board, as the daemon connects them, and operators to talk to it.
class ChannelTest : public testing::Test
{
protected:
    struct Operator {
        Lines got;
        Channel channel;
        Operator(hid::Input &input, Board &board, const std::string &name,
                 const std::string &agent = "")
            : channel{input, board, name, agent, [this](const std::string &t) { got.push_back(t); }}
        {
        }
        void say(std::string_view text) { channel.message(bytes(text)); }
        void say(const std::vector<uint8_t> &message) { channel.message(message); }
        std::string last() const { return got.empty() ? "" : got.back(); }
    };

    ChannelTest()
    {
        input.on_owner_changed = [this] {
            const auto *owner = input.owner();
            board.tell("input-owner", json::quoted(owner ? owner->name() : ""));
        };
    }
    static std::string ownership(bool mine, const std::string &owner)
    {
        return frame("input-owner", json::Object{}.add("mine", mine).add("owner", owner).text());
    }

    std::vector<std::vector<uint8_t>> sent;
    Board board;
    hid::Input input{[this](std::span<const uint8_t> r) { sent.emplace_back(r.begin(), r.end()); }};
};

const std::vector<uint8_t> kPressA{1, 0, 0, 4, 0, 0, 0, 0, 0};
constexpr char kHello[] = "{\"client\":\"0123456789abcdef\"}";
const std::vector<uint8_t> kUp{1, 0, 0, 0, 0, 0, 0, 0, 0};

} // namespace

TEST(Board, TellsWhatStandsThereInTheOrderItWasFirstWritten)
{
    Board board;
    board.write("b", "1");
    board.write("a", "2");
    board.write("b", "3");
    Lines lines;
    auto reader = board.join(
        [&](const std::string &type, const std::string &data) { lines.push_back(type + data); });
    EXPECT_EQ(lines, (Lines{"b3", "a2"}));
}

TEST(Board, TellsTheStatesThatOldClientsWaitForFirst)
{
    Board board;
    for (const char *type :
         {"power", "hid-led-status", "signal", "h264-mode-status", "capture-status"})
        board.write(type, "1");
    Lines types;
    auto reader =
        board.join([&](const std::string &type, const std::string &) { types.push_back(type); });
    EXPECT_EQ(types,
              (Lines{"capture-status", "h264-mode-status", "hid-led-status", "power", "signal"}));
}

TEST(Board, TellsEachChangeOnce)
{
    Board board;
    Lines lines;
    auto reader = board.join(
        [&](const std::string &type, const std::string &data) { lines.push_back(type + data); });
    board.write("a", "1");
    board.write("a", "1");
    board.write("a", "2");
    EXPECT_EQ(lines, (Lines{"a1", "a2"}));
    EXPECT_EQ(board.read("a"), "2");
    EXPECT_EQ(board.read("b"), "");
}

TEST(Board, KeepsPartsOfOneTypeApart)
{
    Board board;
    board.write("node", "1", "keyboard");
    board.write("node", "2", "pointer");
    Lines lines;
    auto reader = board.join(
        [&](const std::string &type, const std::string &data) { lines.push_back(type + data); });
    EXPECT_EQ(lines, (Lines{"node1", "node2"}));
}

TEST(Board, TellsNobodyWhoHasLeft)
{
    Board board;
    int told = 0;
    auto reader = board.join([&](const std::string &, const std::string &) { ++told; });
    reader.reset();
    board.write("a", "1");
    EXPECT_EQ(told, 0);
}

TEST(Board, LetsAReaderLeaveWhileItIsTold)
{
    Board board;
    Board::Reader reader;
    int told = 0;
    reader = board.join([&](const std::string &, const std::string &) {
        ++told;
        reader.reset();
    });
    auto other = board.join([&](const std::string &, const std::string &) { ++told; });
    board.write("a", "1");
    board.write("a", "2");
    EXPECT_EQ(told, 3);
}

TEST(Board, TellsWhatDidNotChangeWhenAsked)
{
    Board board;
    Lines lines;
    auto reader = board.join(
        [&](const std::string &type, const std::string &data) { lines.push_back(type + data); });
    board.tell("a", "1");
    board.tell("a", "1");
    EXPECT_EQ(lines, (Lines{"a1", "a1"}));
    EXPECT_EQ(board.read("a"), "1");
}

TEST(Modes, CountsTheViewersOfEachKind)
{
    Board board;
    Modes modes{board};
    EXPECT_NE(board.read("h264-mode-status").find("\"direct\":0,\"webrtc\":0,\"mixed\":false"),
              std::string::npos);
    auto direct = modes.direct();
    auto webrtc = modes.webrtc();
    EXPECT_NE(board.read("h264-mode-status").find("\"direct\":1,\"webrtc\":1,\"mixed\":true"),
              std::string::npos);
    direct.reset();
    EXPECT_NE(board.read("h264-mode-status").find("\"direct\":0,\"webrtc\":1,\"mixed\":false"),
              std::string::npos);
}

TEST(Frame, HoldsItsDataAsText)
{
    EXPECT_EQ(frame("a", "{\"b\":\"c\"}"), "{\"type\":\"a\",\"data\":\"{\\\"b\\\":\\\"c\\\"}\"}");
}

TEST_F(ChannelTest, TellsWhatStandsOnTheBoardFirst)
{
    board.write("capture-status", "{}");
    board.write("hid-led-status", "{}");
    Operator a{input, board, "a"};
    EXPECT_EQ(a.got, (Lines{frame("capture-status", "{}"), frame("hid-led-status", "{}")}));
}

TEST_F(ChannelTest, PassesInputOnInEveryDialect)
{
    Operator a{input, board, "a"};
    a.say(kPressA);
    a.say("[1,5,0,0,0,0]");
    a.say(std::vector<uint8_t>{0});
    a.say("");
    ASSERT_EQ(sent.size(), 2u);
    EXPECT_EQ(sent[0][2], 4);
    EXPECT_EQ(sent[1][2], 5);
    EXPECT_TRUE(a.channel.speaks_json());
}

TEST_F(ChannelTest, SwitchesTheDialectByUserAgent)
{
    Operator p{input, board, "p", "aiohttp/3.8"};
    p.say("[2,3,0,200,200]");
    EXPECT_EQ(sent.at(0).size(), 4u);
}

TEST_F(ChannelTest, AnswersAPing)
{
    Operator a{input, board, "a"};
    a.say("{\"ping\":12.5}");
    auto node = json::parse_object(a.last());
    ASSERT_TRUE(node) << a.last();
    JsonObject *pong = json::object(*node);
    EXPECT_EQ(json_object_get_double_member(pong, "pong"), 12.5);
    EXPECT_NEAR(json_object_get_double_member(pong, "wall"), double(g_get_real_time()) / 1000,
                60'000);
    EXPECT_NEAR(json_object_get_double_member(pong, "steady"),
                double(g_get_monotonic_time()) / 1000, 60'000);
}

TEST_F(ChannelTest, AnswersNothingToOtherTalk)
{
    Operator a{input, board, "a"};
    for (const char *text :
         {"{", "{}", "{\"pong\":1}", "{\"ping\":null}", "{\"ping\":1e999}", "{\"ping\":\"x\"}",
          "{\"ping\":{}}", "{\"ping\":[1]}", "{\"PING\":1}", "{\"ping\":1}x", "{\"ping\":NaN}"})
        a.say(text);
    a.say("{\"ping\":1,\"x\":\"" + std::string(300, 'x') + "\"}");
    EXPECT_EQ(a.got, Lines{});
}

TEST_F(ChannelTest, TellsEveryoneWhoseTheInputIs)
{
    Operator a{input, board, "a"}, b{input, board, "b"};
    a.say(kPressA);
    EXPECT_EQ(a.last(), ownership(true, "a"));
    EXPECT_EQ(b.last(), ownership(false, "a"));
}

TEST_F(ChannelTest, TellsTwoWindowsOfOneUserApart)
{
    Operator one{input, board, "admin@127.0.0.1"}, two{input, board, "admin@127.0.0.1"};
    one.say(kPressA);
    EXPECT_EQ(one.last(), ownership(true, "admin@127.0.0.1"));
    EXPECT_EQ(two.last(), ownership(false, "admin@127.0.0.1"));
    two.say(kPressA);
    EXPECT_NE(two.last().find("input-refused"), std::string::npos);
    EXPECT_EQ(sent.size(), 1u);
}

TEST_F(ChannelTest, CountsTheLinesOfOneClientAsOne)
{
    Operator socket{input, board, "admin@127.0.0.1"};
    Operator channel{input, board, "admin@127.0.0.1"};
    socket.say(kHello);
    socket.say(kPressA);
    EXPECT_EQ(channel.last(), ownership(false, "admin@127.0.0.1"));
    channel.say(kHello);
    EXPECT_EQ(channel.last(), ownership(true, "admin@127.0.0.1")) << "it is told anew";
    channel.say(kPressA);
    EXPECT_EQ(channel.last(), ownership(true, "admin@127.0.0.1"));
    Operator other{input, board, "admin@127.0.0.1"};
    EXPECT_EQ(other.last(), ownership(false, "admin@127.0.0.1"));
}

TEST_F(ChannelTest, TakesNoTextForAnIntroductionThatAnotherMightUse)
{
    Operator one{input, board, "a"}, two{input, board, "a"};
    for (const std::string &id : {std::string{}, std::string(15, 'x'), std::string(65, 'x')})
        for (Operator *each : {&one, &two})
            each->say("{\"client\":\"" + id + "\"}");
    one.say(kPressA);
    EXPECT_EQ(two.last(), ownership(false, "a"));
}

TEST_F(ChannelTest, SaysOnceThatInputWasRefused)
{
    Operator a{input, board, "a"}, b{input, board, "b"};
    a.say(kPressA);
    b.got.clear();
    b.say(kPressA);
    b.say(kUp);
    ASSERT_EQ(b.got.size(), 1u) << "not for every report";
    EXPECT_NE(b.last().find("input-refused"), std::string::npos);
    EXPECT_EQ(sent.size(), 1u);
}

TEST_F(ChannelTest, LetsEverythingGoWhenItEnds)
{
    {
        Operator a{input, board, "a"};
        a.say(kPressA);
    }
    EXPECT_EQ(sent.back(), std::vector<uint8_t>(8, 0));
}
