// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/json/fields_json.h"

#include <gtest/gtest.h>

using namespace panto;
using namespace panto::json;

namespace
{

std::string error_of(std::string_view text, Limits limits = {})
{
    auto node = parse(text, limits);
    return node ? "" : node.error().message;
}

/// The text of the one string in ["..."].
std::string string_in(std::string_view text)
{
    auto node = parse(text);
    EXPECT_TRUE(node) << text;
    return node ? json_array_get_string_element(json_node_get_array(node->get()), 0) : "";
}

std::string nested(unsigned depth)
{
    return std::string(depth, '[') + std::string(depth, ']');
}

struct Press {
    std::string button = "power";
    unsigned hold_ms = 800;
    int offset = 0;
    bool twice = false;
};

constexpr Field<Press> kPress[] = {
    one_of("power|reset", "type", "Which button", &Press::button),
    {"Duration", "How long, in ms", &Press::hold_ms, 0, 60000},
    {"offset", "Any whole number", &Press::offset},
    {"twice", "Whether to press again", &Press::twice},
};

Result<Press> press(std::string_view body)
{
    PANTO_TRY(node, parse_object(body));
    return read(object(node), kPress);
}

std::string press_error(std::string_view body)
{
    auto r = press(body);
    return r ? "" : r.error().message;
}

} // namespace

TEST(Json, ReadsEveryKindOfValue)
{
    auto node = parse(" {\"s\":\"x\",\"i\":-7,\"d\":1.5e3,\"t\":true,\"n\":null,\"a\":[1,{}]} ");
    ASSERT_TRUE(node) << node.error().message;
    JsonObject *o = object(*node);
    EXPECT_EQ(text_at(o, "s"), "x");
    EXPECT_EQ(whole_at(o, "i"), -7);
    EXPECT_EQ(json_object_get_double_member(o, "d"), 1500.0);
    EXPECT_TRUE(json_object_get_boolean_member(o, "t"));
    EXPECT_TRUE(json_object_get_null_member(o, "n"));
    EXPECT_NE(object_at(array_at(o, "a"), 1), nullptr);
    EXPECT_EQ(object_at(array_at(o, "a"), 0), nullptr);
    EXPECT_EQ(object_at(array_at(o, "a"), 2), nullptr);
    EXPECT_EQ(text_at(o, "i"), std::nullopt);
    EXPECT_EQ(whole_at(o, "missing"), std::nullopt);
}

TEST(Json, DecodesEscapesAndSurrogatePairs)
{
    EXPECT_EQ(string_in(R"(["\"\\\/\b\f\n\r\t\u0041\u00e9\u20ac\ud83d\ude00"])"),
              "\"\\/\b\f\n\r\tA\u00e9\u20ac\U0001F600");
}

TEST(Json, LetsTheLastOfTwoKeysCount)
{
    auto node = parse_object("{\"a\":1,\"a\":2}");
    ASSERT_TRUE(node);
    EXPECT_EQ(whole_at(object(*node), "a"), 2);
}

TEST(Json, RefusesWhatTheStandardRefuses)
{
    for (const char *bad : {"",
                            " ",
                            "{",
                            "}",
                            "[",
                            "]",
                            "[1,]",
                            "{\"a\":1,}",
                            "{a:1}",
                            "{'a':1}",
                            "{\"a\"}",
                            "[1 2]",
                            "01",
                            "+1",
                            "1.",
                            ".5",
                            "1e",
                            "0x10",
                            "-",
                            "NaN",
                            "Infinity",
                            "tru",
                            "nulll",
                            "/*x*/1",
                            "1//",
                            "\"a",
                            "\"\\x\"",
                            "\"\\u12\"",
                            "\"\\u12g4\"",
                            "\"\t\"",
                            "\"\\ud800\"",
                            "\"\\ud800\\u0041\"",
                            "\"\\udc00\"",
                            "\"\\u0000\"",
                            "1 1",
                            "var a = 1",
                            "1e999",
                            "\xff",
                            "\"\xc3\""}) {
        EXPECT_NE(error_of(bad), "") << bad;
    }
    EXPECT_NE(error_of(std::string_view{"[1]\0", 4}), "");
    EXPECT_NE(error_of(std::string_view{"\"a\0b\"", 5}), "");
}

TEST(Json, SaysWhereAndWhy)
{
    EXPECT_EQ(error_of("{\"a\" 1}"), "expected a colon at byte 5");
    EXPECT_EQ(error_of("[1] x"), "more text after the value at byte 4");
}

TEST(Json, BoundsDepthAndSize)
{
    EXPECT_EQ(error_of(nested(32)), "");
    EXPECT_EQ(error_of(nested(33)), "nested too deep at byte 33");
    EXPECT_NE(error_of(std::string(1000000, '[')), "");
    EXPECT_EQ(error_of("[1]", {.bytes = 2}), "longer than 2 bytes");
    EXPECT_EQ(error_of("[[],[],[]]", {.depth = 2}), ""); // width is not depth
}

TEST(Json, KeepsNumbersThatFitAndNoOthersWhole)
{
    auto node = parse_object("{\"a\":9223372036854775807,\"b\":9223372036854775808}");
    ASSERT_TRUE(node);
    EXPECT_EQ(whole_at(object(*node), "a"), INT64_MAX);
    EXPECT_EQ(whole_at(object(*node), "b"), std::nullopt);
}

TEST(Json, WantsAnObjectWhereAnObjectIsDue)
{
    EXPECT_FALSE(parse_object("[]"));
    EXPECT_FALSE(parse_object("null"));
    EXPECT_TRUE(parse_object("{}"));
}

namespace
{

struct Named {
    std::string name;
    bool on = false;
};
constexpr Field<Named> kNamed[] = {
    required<Named>({"name", "A name", &Named::name}),
    required<Named>({"on", "A switch", &Named::on}),
};

std::string refusal(const std::string &text)
{
    auto node = parse_object(text);
    EXPECT_TRUE(node) << text;
    auto named = read(object(*node), kNamed);
    return named ? "" : named.error().message;
}

} // namespace

TEST(Json, NamesTheRequiredFieldThatABodyLacks)
{
    EXPECT_EQ(refusal("{\"name\":\"a\",\"on\":false}"), "");
    EXPECT_EQ(refusal("{\"NAME\":\"a\",\"On\":true}"), "");
    EXPECT_EQ(refusal("{}"), "name is required");
    EXPECT_EQ(refusal("{\"name\":\"\",\"on\":true}"), "name is required");
    EXPECT_EQ(refusal("{\"name\":null,\"on\":true}"), "name is required");
    EXPECT_EQ(refusal("{\"name\":\"a\"}"), "on is required");
}

TEST(Json, WritesMembersInTheOrderTheyCame)
{
    EXPECT_EQ(Object{}
                  .add("code", 0)
                  .add("msg", "success")
                  .add("data", Object{}
                                   .add("on", true)
                                   .add("ips", Array{}.add(1u).add(-2.5).add(nullptr))
                                   .add("big", UINT64_MAX)
                                   .add("raw", Value::raw("{\"x\":1}")))
                  .text(),
              "{\"code\":0,\"msg\":\"success\",\"data\":{\"on\":true,\"ips\":[1,-2.5,null],"
              "\"big\":18446744073709551615,\"raw\":{\"x\":1}}}");
    EXPECT_EQ(Object{}.text(), "{}");
    EXPECT_EQ(Array{}.text(), "[]");
    EXPECT_EQ(Value{1.0 / 0.0}.text(), "null");
}

TEST(Json, EscapesWhateverTextHolds)
{
    EXPECT_EQ(quoted("a\"b\\c\n\r\t\x01\x7f\u00e9"),
              "\"a\\\"b\\\\c\\n\\r\\t\\u0001\\u007f\u00e9\"");
    EXPECT_EQ(quoted("a\xff\xc3z"), "\"a\xef\xbf\xbd\xef\xbf\xbdz\"");
    EXPECT_EQ(quoted(std::string_view{"a\0b", 3}), "\"a\\u0000b\"");
}

TEST(JsonFields, MatchKeysInAnyCaseAndKeepDefaults)
{
    auto p = press("{\"TYPE\":\"reset\",\"duration\":5,\"colour\":{}}");
    ASSERT_TRUE(p) << p.error().message;
    EXPECT_EQ(p->button, "reset");
    EXPECT_EQ(p->hold_ms, 5u);
    EXPECT_FALSE(p->twice);
}

TEST(JsonFields, PassOverNullAndTakeTheLastSpelling)
{
    auto p = press("{\"type\":null,\"twice\":false,\"Twice\":true}");
    ASSERT_TRUE(p) << p.error().message;
    EXPECT_EQ(p->button, "power");
    EXPECT_TRUE(p->twice);
}

TEST(JsonFields, NameTheFieldThatIsWrong)
{
    EXPECT_EQ(press_error("{\"duration\":60001}"), "Duration: must be 0..60000");
    EXPECT_EQ(press_error("{\"duration\":\"5\"}"), "Duration: must be 0..60000");
    EXPECT_EQ(press_error("{\"duration\":1.5}"), "Duration: must be 0..60000");
    EXPECT_EQ(press_error("{\"type\":\"eject\"}"), "type: must be one of power|reset");
    EXPECT_EQ(press_error("{\"type\":\"power|reset\"}"), "type: must be one of power|reset");
    EXPECT_EQ(press_error("{\"type\":[]}"), "type: must be text");
    EXPECT_EQ(press_error("{\"twice\":1}"), "twice: must be true or false");
    EXPECT_EQ(press_error("{\"offset\":2147483648}"), "offset: must be -2147483648..2147483647");
}

TEST(JsonFields, TellWhetherAKeyIsThere)
{
    auto node = parse_object("{\"Enabled\":false,\"role\":null}");
    ASSERT_TRUE(node);
    EXPECT_TRUE(has(object(*node), "enabled"));
    EXPECT_FALSE(has(object(*node), "role"));
    EXPECT_FALSE(has(object(*node), "name"));
}

TEST(JsonFields, ReadFormsToo)
{
    using Form = std::map<std::string, std::string>;
    auto p = read(Form{{"Type", "reset"}, {"DURATION", ""}, {"twice", "True"}, {"x", "y"}}, kPress);
    ASSERT_TRUE(p) << p.error().message;
    EXPECT_EQ(p->button, "reset");
    EXPECT_EQ(p->hold_ms, 0u);
    EXPECT_TRUE(p->twice);
    EXPECT_FALSE(read(Form{{"duration", "5x"}}, kPress));
    EXPECT_FALSE(read(Form{{"twice", "maybe"}}, kPress));
}
