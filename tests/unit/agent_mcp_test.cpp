// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/agent/mcp.h"
#include "tests/unit/loop.h"

#include <gtest/gtest.h>

using namespace panto;
using namespace panto::agent;
using namespace std::chrono_literals;

namespace
{

using Reports = std::vector<std::vector<uint8_t>>;

// The beginning of a JPEG file of 640x480 in grey, up to its scan.
const std::string kJpeg{"\xff\xd8\xff\xc0\0\x0b\x08\x01\xe0\x02\x80\x01\x01\x11\0\xff\xda\0\x08\x01"
                        "\x01\0\0\x3f\0\x01\xff\xd9",
                        28};

class McpTest : public testing::Test
{
protected:
    /// Posts it, and lets the timers come due until there is an answer.
    Mcp::Answer post(const std::string &body, const std::string &version = "")
    {
        std::optional<Mcp::Answer> answer;
        mcp.answer(body, version, [&](Mcp::Answer a) { answer = std::move(a); });
        for (int i = 0; i < 100 && !answer; ++i) {
            now += 1s;
            Loop::fire_timers();
        }
        return answer.value_or(Mcp::Answer{0, ""});
    }
    std::string call(const std::string &name, const std::string &arguments)
    {
        return post(R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":")" + name +
                    R"(","arguments":)" + arguments + "}}")
            .body;
    }

    Time now{1h};
    Reports sent;
    std::string status = R"({"ok":true,"result":0,"message":""})";
    std::optional<Result<std::string>> picture = kJpeg; ///< nothing: none comes
    Done<std::string> waiting;
    std::chrono::milliseconds limit{};
    unsigned quality = 0;
    hid::Input input{[this](std::span<const uint8_t> r) { sent.emplace_back(r.begin(), r.end()); },
                     [this] { return now; }};
    Hands hands{input, {}, [this] { return now; }};
    Tools tools{hands,
                {[this](unsigned q, std::chrono::milliseconds l, Done<std::string> done) {
                     quality = q;
                     limit = l;
                     if (picture)
                         done(*picture);
                     else
                         waiting = done;
                     return [this](const std::string &why) {
                         waiting(Error{Kind::Unavailable, why});
                     };
                 },
                 [this] { return status; }}};
    Mcp mcp{tools};
};

std::string error(int code, const std::string &id)
{
    return R"({"jsonrpc":"2.0","id":)" + id + R"(,"error":{"code":)" + std::to_string(code);
}

} // namespace

TEST_F(McpTest, IntroducesItself)
{
    const auto answer = post(R"({"jsonrpc":"2.0","id":"a","method":"initialize",)"
                             R"("params":{"protocolVersion":"2025-03-26","capabilities":{}}})");
    EXPECT_EQ(answer.status, 200u);
    EXPECT_EQ(answer.body.find(R"({"jsonrpc":"2.0","id":"a","result":{)"
                               R"("protocolVersion":"2025-03-26","capabilities":{"tools":{}},)"
                               R"("serverInfo":{"name":"nanokvm-cube-remote-control",)"
                               R"("version":"v1.0.0"})"),
              0u)
        << answer.body;
}

TEST_F(McpTest, OffersItsNewestVersionToWhoWantsAnother)
{
    for (const char *params : {R"({"protocolVersion":"1999-01-01"})", R"({})"}) {
        const auto answer = post(R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":)" +
                                 std::string{params} + "}");
        EXPECT_NE(answer.body.find(R"("protocolVersion":"2025-06-18")"), std::string::npos);
    }
}

TEST_F(McpTest, RefusesAVersionInTheHeaderThatItDoesNotKnow)
{
    const std::string ping = R"({"jsonrpc":"2.0","id":1,"method":"ping"})";
    EXPECT_EQ(post(ping, "2025-06-18").status, 200u);
    EXPECT_EQ(post(ping, "").status, 200u);
    EXPECT_EQ(post(ping, "1999-01-01").status, 400u);
}

TEST_F(McpTest, AnswersAPingWithTheSameId)
{
    for (const char *id : {"1", "\"x\"", "-7", "1.5", "9007199254740993", "\"\""})
        EXPECT_EQ(post(R"({"jsonrpc":"2.0","method":"ping","id":)" + std::string{id} + "}").body,
                  R"({"jsonrpc":"2.0","id":)" + std::string{id} + R"(,"result":{}})");
}

TEST_F(McpTest, TakesWhatNeedsNoAnswer)
{
    for (const char *message :
         {R"({"jsonrpc":"2.0","method":"notifications/initialized"})",
          R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}})",
          R"({"jsonrpc":"2.0","id":1,"result":{}})",
          R"({"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"no"}})"}) {
        const auto answer = post(message);
        EXPECT_EQ(answer.status, 202u) << message;
        EXPECT_EQ(answer.body, "");
    }
}

TEST_F(McpTest, NamesWhatIsNoMessage)
{
    for (const char *body : {"", "{", "nonsense", "{} {}", "\xff", "{\"a\":\"\xff\"}"}) {
        const auto answer = post(body);
        EXPECT_EQ(answer.status, 400u);
        EXPECT_EQ(answer.body.find(error(-32700, "null")), 0u) << answer.body;
    }
    for (const char *body :
         {"5", "null", "{}", R"({"jsonrpc":"1.0","id":1,"method":"ping"})",
          R"({"jsonrpc":"2.0","id":1})", R"({"jsonrpc":"2.0","id":1,"method":5})",
          R"({"jsonrpc":"2.0","id":null,"method":"ping"})",
          R"({"jsonrpc":"2.0","id":{},"method":"ping"})"}) {
        const auto answer = post(body);
        EXPECT_EQ(answer.status, 400u) << body;
        EXPECT_EQ(answer.body.find(error(-32600, "null")), 0u) << answer.body;
    }
}

TEST_F(McpTest, TakesNoBatches)
{
    for (const char *body : {"[]", R"([{"jsonrpc":"2.0","id":1,"method":"ping"}])"}) {
        const auto answer = post(body);
        EXPECT_EQ(answer.status, 400u);
        EXPECT_EQ(answer.body.find(error(-32600, "null")), 0u) << answer.body;
        EXPECT_NE(answer.body.find("batches are not taken"), std::string::npos);
    }
}

TEST_F(McpTest, HasNoOtherMethods)
{
    for (const char *method : {"resources/list", "tools", "", "PING"}) {
        const auto answer =
            post(R"({"jsonrpc":"2.0","id":3,"method":")" + std::string{method} + "\"}");
        EXPECT_EQ(answer.status, 200u);
        EXPECT_EQ(answer.body.find(error(-32601, "3")), 0u) << answer.body;
    }
}

TEST_F(McpTest, HasNoOtherTools)
{
    for (const char *params : {"{}", R"({"name":5})", R"({"name":"cube_reboot"})",
                               R"({"name":"cube_scroll_mouse","arguments":[]})", "[]"}) {
        const auto answer = post(R"({"jsonrpc":"2.0","id":4,"method":"tools/call","params":)" +
                                 std::string{params} + "}");
        EXPECT_EQ(answer.body.find(error(-32602, "4")), 0u) << params << answer.body;
    }
    EXPECT_EQ(
        post(R"({"jsonrpc":"2.0","id":4,"method":"tools/call"})").body.find(error(-32602, "4")),
        0u);
}

TEST_F(McpTest, RefusesArgumentsThatCannotBe)
{
    const std::pair<const char *, const char *> wrong[] = {
        {"cube_type_text", "{}"},
        {"cube_type_text", R"({"text":5})"},
        {"cube_type_text", R"({"text":"x","delayMs":1001})"},
        {"cube_type_text", R"({"text":"x","delayMs":-1})"},
        {"cube_type_text", R"({"text":"x","delayMs":0.5})"},
        {"cube_type_text", R"({"text":"x","delay":5})"},
        {"cube_press_keys", "{}"},
        {"cube_press_keys", R"({"keys":[]})"},
        {"cube_press_keys", R"({"keys":"KeyA"})"},
        {"cube_press_keys", R"({"keys":[4]})"},
        {"cube_press_keys", R"({"keys":["a"],"holdMs":1001})"},
        {"cube_press_keys",
         R"({"keys":["a","a","a","a","a","a","a","a","a","a","a","a","a","a","a"]})"},
        {"cube_move_mouse", "{}"},
        {"cube_move_mouse", R"({"x":0.5})"},
        {"cube_move_mouse", R"({"x":0.5,"y":1.01})"},
        {"cube_move_mouse", R"({"x":-0.1,"y":0})"},
        {"cube_move_mouse", R"({"mode":"relative"})"},
        {"cube_move_mouse", R"({"mode":"relative","deltaX":40000})"},
        {"cube_move_mouse", R"({"mode":"polar","x":0,"y":0})"},
        {"cube_click_mouse", "{}"},
        {"cube_click_mouse", R"({"button":"fourth"})"},
        {"cube_click_mouse", R"({"button":"left","clicks":0})"},
        {"cube_click_mouse", R"({"button":"left","clicks":6})"},
        {"cube_click_mouse", R"({"button":"left","mode":"absolute","x":0.5})"},
        {"cube_click_mouse", R"({"button":"left","x":0.5,"y":0.5})"},
        {"cube_scroll_mouse", "{}"},
        {"cube_scroll_mouse", R"({"deltaY":128})"},
        {"cube_screenshot", R"({"quality":50})"},
        {"cube_screenshot", R"({"quality":61})"},
        {"cube_screenshot", R"({"timeoutMs":30001})"},
    };
    for (const auto &[name, arguments] : wrong) {
        const std::string answer = call(name, arguments);
        EXPECT_EQ(answer.find(error(-32602, "1")), 0u) << name << arguments << answer;
    }
    EXPECT_TRUE(sent.empty());
}

TEST_F(McpTest, ListsItsTools)
{
    const std::string list = post(R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})").body;
    for (const char *name : {"cube_type_text", "cube_press_keys", "cube_move_mouse",
                             "cube_click_mouse", "cube_scroll_mouse", "cube_screenshot"})
        EXPECT_NE(list.find(R"({"name":")" + std::string{name} + "\""), std::string::npos) << name;
    EXPECT_NE(list.find(R"("delayMs":{"type":"integer","description":)"), std::string::npos)
        << list;
    EXPECT_NE(list.find(R"("minimum":0,"maximum":1000,"default":30})"), std::string::npos);
    EXPECT_NE(list.find(R"("items":{"type":"string"},"minItems":1,"maxItems":14})"),
              std::string::npos);
}

TEST_F(McpTest, TellsWhatWasTyped)
{
    const std::string answer = call("cube_type_text", R"({"text":"a漢","delayMs":null})");
    EXPECT_NE(answer.find(R"("structuredContent":{"typed":1,"skipped":["漢"],"skippedCount":1},)"
                          R"("isError":false)"),
              std::string::npos)
        << answer;
    EXPECT_NE(call("cube_type_text", R"({"text":"b"})").find(R"({"typed":1,"skippedCount":0})"),
              std::string::npos);
    const std::vector<uint8_t> a{0, 0, 4, 0, 0, 0, 0, 0}, b{0, 0, 5, 0, 0, 0, 0, 0}, up(8);
    EXPECT_EQ(sent, (Reports{a, up, b, up}));
}

TEST_F(McpTest, DoesWhatItIsCalledFor)
{
    const std::pair<const char *, const char *> calls[] = {
        {"cube_press_keys", R"({"keys":["ctrl","KeyC"]})"},
        {"cube_move_mouse", R"({"x":0,"y":1})"},
        {"cube_move_mouse", R"({"mode":"relative","deltaY":-3})"},
        {"cube_click_mouse", R"({"button":"middle"})"},
        {"cube_click_mouse", R"({"button":"right","mode":"absolute","x":0,"y":0})"},
        {"cube_scroll_mouse", R"({"deltaY":2})"},
    };
    for (const auto &[name, arguments] : calls)
        EXPECT_NE(call(name, arguments).find(R"("structuredContent":{"ok":true},"isError":false)"),
                  std::string::npos)
            << name;
    EXPECT_EQ(sent, (Reports{{1, 0, 6, 0, 0, 0, 0, 0},
                             {0, 0, 0, 0, 0, 0, 0, 0},
                             {0, 1, 0, 0xff, 0x7f, 0},
                             {0, 0, 0xfd, 0},
                             {4, 0, 0, 0},
                             {0, 0, 0, 0},
                             {0, 1, 0, 1, 0, 0},
                             {2, 1, 0, 1, 0, 0},
                             {0, 1, 0, 1, 0, 0},
                             {0, 0, 0, 0xfe}}));
}

TEST_F(McpTest, SaysThatAPersonIsAtWork)
{
    auto person = input.attach("person");
    (void)person->report(std::vector<uint8_t>(8));
    const std::string answer = call("cube_scroll_mouse", R"({"deltaY":2})");
    EXPECT_NE(answer.find(R"("text":"a person is at work; try again in 2 s"}],"isError":true)"),
              std::string::npos)
        << answer;
}

TEST_F(McpTest, ShowsTheScreen)
{
    const std::string answer = call("cube_screenshot", R"({"quality":55,"timeoutMs":700})");
    EXPECT_EQ(limit, 700ms);
    EXPECT_EQ(quality, 55u);
    EXPECT_NE(answer.find(R"("content":[{"type":"image","data":"/9j/wAALCAHg)"), std::string::npos)
        << answer;
    EXPECT_NE(answer.find(R"("mimeType":"image/jpeg"})"), std::string::npos);
    EXPECT_NE(answer.find(R"("structuredContent":{"ok":true,"retCode":0,"message":"","width":640,)"
                          R"("height":480,"size":28},"isError":false)"),
              std::string::npos)
        << answer;
}

TEST_F(McpTest, SaysWhyItShowsNoScreen)
{
    status = R"({"ok":false,"result":-1,"message":"No image captured"})";
    EXPECT_NE(call("cube_screenshot", "{}")
                  .find(R"({"ok":false,"retCode":-1,)"
                        R"("message":"No image captured",)"),
              std::string::npos);
    status = "{}";
    picture = Error{Kind::Timeout, "no picture in time"};
    const std::string late = call("cube_screenshot", "{}");
    EXPECT_NE(late.find(R"("message":"no picture in time")"), std::string::npos) << late;
    EXPECT_NE(late.find(R"("isError":true)"), std::string::npos);
}

TEST_F(McpTest, EndsWhatNobodyWaitsForAnyMore)
{
    std::function<void()> gone;
    std::optional<Mcp::Answer> answer;
    const auto begin = [&](const std::string &tool, const std::string &arguments) {
        gone = nullptr;
        answer.reset();
        mcp.answer(R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":")" + tool +
                       R"(","arguments":)" + arguments + "}}",
                   "", [&](Mcp::Answer a) { answer = std::move(a); },
                   [&](std::function<void()> fn) { gone = std::move(fn); });
    };
    begin("cube_press_keys", R"({"keys":["KeyA"],"holdMs":1000})");
    EXPECT_EQ(sent.size(), 1u);
    ASSERT_TRUE(gone && !answer);
    gone();
    ASSERT_TRUE(answer);
    EXPECT_NE(answer->body.find("the client hung up, after 1 of 2 steps"), std::string::npos);
    EXPECT_EQ(sent.back(), std::vector<uint8_t>(8)) << "what is held is let go";

    const auto too_late = gone;
    begin("cube_press_keys", R"({"keys":["KeyB"],"holdMs":1000})");
    too_late();
    EXPECT_FALSE(answer) << "it ends its own deed only";
    gone();

    picture.reset();
    begin("cube_screenshot", "{}");
    EXPECT_EQ(quality, 80u);
    ASSERT_TRUE(gone && !answer);
    gone();
    ASSERT_TRUE(answer);
    EXPECT_NE(answer->body.find("the client hung up"), std::string::npos) << answer->body;
}
