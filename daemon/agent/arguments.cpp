// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/agent/tools.h"

#include "lib/base/split.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace panto::agent
{

namespace
{

using Type = Argument::Type;

const char *name_of(Type type)
{
    return type == Type::Text     ? "string"
           : type == Type::Whole  ? "integer"
           : type == Type::Number ? "number"
                                  : "array";
}

bool bounded(const Argument &a)
{
    return a.min != 0 || a.max != 0;
}

std::string range(const Argument &a)
{
    return json::Value{a.min}.text() + ".." + json::Value{a.max}.text();
}

Error must_be(const Argument &a, const std::string &what)
{
    return {Kind::Invalid, std::string{a.name} + ": must be " + what};
}

Result<> check_text(const Argument &a, const std::optional<std::string> &text)
{
    if (!text)
        return must_be(a, "a string");
    if (!a.choices)
        return ok;
    const auto choices = split(a.choices, '|');
    if (std::find(choices.begin(), choices.end(), *text) == choices.end())
        return must_be(a, std::string{"one of "} + a.choices);
    return ok;
}

Result<> check_number(const Argument &a, std::optional<double> number)
{
    const bool whole = a.type == Type::Whole;
    if (!number || (whole && *number != std::floor(*number)))
        return must_be(a, whole ? "an integer" : "a number");
    if (bounded(a) && (*number < a.min || *number > a.max))
        return must_be(a, range(a));
    return ok;
}

Result<> check_texts(const Argument &a, const std::optional<std::vector<std::string>> &texts)
{
    if (!texts || double(texts->size()) < a.min || double(texts->size()) > a.max)
        return must_be(a, "an array of " + range(a) + " strings");
    return ok;
}

Result<> check_one(JsonObject *given, const Argument &a)
{
    switch (a.type) {
    case Type::Text:
        return check_text(a, json::text_at(given, a.name));
    case Type::Texts:
        return check_texts(a, json::texts_at(given, a.name));
    case Type::Whole:
    case Type::Number:
        break;
    }
    return check_number(a, json::number_at(given, a.name));
}

json::Object schema(const Argument &a)
{
    json::Object out;
    out.add("type", name_of(a.type)).add("description", a.doc);
    if (a.choices)
        out.add("enum", json::array_of(split(a.choices, '|')));
    if (a.type == Type::Texts)
        out.add("items", json::Object{}.add("type", "string"))
            .add("minItems", a.min)
            .add("maxItems", a.max);
    else if (a.type == Type::Text && bounded(a))
        out.add("maxLength", a.max);
    else if (bounded(a))
        out.add("minimum", a.min).add("maximum", a.max);
    if (a.preset)
        out.add("default", json::Value::raw(a.preset));
    return out;
}

} // namespace

Result<> check(JsonObject *given, std::span<const Argument> arguments)
{
    size_t known = 0;
    for (const Argument &a : arguments) {
        JsonNode *node = given ? json_object_get_member(given, a.name) : nullptr;
        known += node != nullptr;
        const bool there = node && !JSON_NODE_HOLDS_NULL(node);
        if (!there && a.required)
            return Error{Kind::Invalid, std::string{a.name} + " is required"};
        if (!there)
            continue;
        if (auto r = check_one(given, a); !r)
            return r;
    }
    if (given && json_object_get_size(given) > known)
        return Error{Kind::Invalid, "there is an argument that this tool does not have"};
    return ok;
}

json::Object schema(std::span<const Argument> arguments)
{
    json::Object properties;
    json::Array required;
    for (const Argument &a : arguments) {
        properties.add(a.name, schema(a));
        if (a.required)
            required.add(a.name);
    }
    json::Object out;
    out.add("type", "object").add("properties", properties);
    if (required.text() != "[]")
        out.add("required", required);
    return out.add("additionalProperties", false);
}

} // namespace panto::agent
