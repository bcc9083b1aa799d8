// SPDX-License-Identifier: LGPL-2.1-or-later
/// JSON: read strictly into json-glib's nodes, written in the order it was said.
///
/// json-glib's own parser takes comments, hexadecimal numbers and any depth; bodies come from
/// strangers, so ours takes RFC 8259 and no more.
#pragma once

#include "lib/base/result.h"
#include "lib/glib/ref.h"

#include <concepts>
#include <cstdint>
#include <json-glib/json-glib.h>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

PANTO_COUNTED(JsonNode, json_node_ref, json_node_unref)

namespace panto::json
{

struct Limits {
    size_t bytes = 1u << 20;
    unsigned depth = 32; ///< objects and arrays inside each other
};

/// Reads one value. Of two equal keys the last counts. Kind::Invalid, with the byte it fails at;
/// also for text that is no UTF-8 and for strings that hold a NUL.
Result<Ref<JsonNode>> parse(std::string_view text, Limits limits = {});
/// The same, but the value must be an object.
Result<Ref<JsonNode>> parse_object(std::string_view text, Limits limits = {});

/// The node's object, borrowed, or nullptr when it is something else.
JsonObject *object(const Ref<JsonNode> &node);
/// The members of that exact name, when they are there and have that type.
std::optional<std::string> text_at(JsonObject *object, const char *name);
std::optional<int64_t> whole_at(JsonObject *object, const char *name);
std::optional<double> number_at(JsonObject *object, const char *name); ///< whole or not
JsonArray *array_at(JsonObject *object, const char *name);
/// A list with anything but texts in it is none.
std::optional<std::vector<std::string>> texts_at(JsonObject *object, const char *name);
std::optional<std::vector<std::string>> texts_of(JsonArray *array);
/// Borrowed, or nullptr; so it is for no object at all.
JsonObject *object_at(JsonObject *object, const char *name);
/// Member i of an array if it is an object, else nullptr.
JsonObject *object_at(JsonArray *array, unsigned i);
/// The last member of that name in any case, borrowed; nullptr when there is none or it is null.
JsonNode *member(JsonObject *object, const char *name);
/// Whether there is one.
bool has(JsonObject *object, const char *name);

/// text in quotes, with everything escaped that must be; bytes that are no UTF-8 become U+FFFD.
std::string quoted(std::string_view text);

class Object;
class Array;

/// Anything that can stand in an Object or Array, as its JSON text.
class Value
{
public:
    Value(std::nullptr_t) : text_{"null"} {}
    Value(std::same_as<bool> auto truth) : text_{truth ? "true" : "false"} {}
    Value(std::integral auto number) requires(!std::same_as<decltype(number), bool>)
        : text_{std::to_string(number)}
    {
    }
    Value(double number); ///< null when not finite
    Value(const char *text) : text_{json::quoted(text)} {}
    Value(std::string_view text) : text_{json::quoted(text)} {}
    Value(const std::string &text) : text_{json::quoted(text)} {}
    Value(const Object &object);
    Value(const Array &array);
    /// Takes what is JSON already.
    static Value raw(std::string json);

    const std::string &text() const { return text_; }

private:
    Value() = default;
    std::string text_;
};

/// Object{}.add("code", 0).add("msg", "success").text()
class Object
{
public:
    Object &add(std::string_view name, const Value &value);
    std::string text() const { return "{" + members_ + "}"; }

private:
    std::string members_;
};

class Array
{
public:
    Array &add(const Value &value);
    std::string text() const { return "[" + members_ + "]"; }

private:
    std::string members_;
};

Array array_of(const std::vector<std::string> &texts);

} // namespace panto::json
