// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/json/json.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace panto::json
{

JsonObject *object(const Ref<JsonNode> &node)
{
    return node && JSON_NODE_HOLDS_OBJECT(node.get()) ? json_node_get_object(node.get()) : nullptr;
}

namespace
{

/// The member of that name when it holds a plain value of that type, else nullptr.
JsonNode *value_at(JsonObject *object, const char *name, GType type)
{
    JsonNode *node = object ? json_object_get_member(object, name) : nullptr;
    if (!node || !JSON_NODE_HOLDS_VALUE(node) || json_node_get_value_type(node) != type)
        return nullptr;
    return node;
}

} // namespace

std::optional<std::string> text_at(JsonObject *object, const char *name)
{
    JsonNode *node = value_at(object, name, G_TYPE_STRING);
    return node ? std::optional<std::string>{json_node_get_string(node)} : std::nullopt;
}

std::optional<int64_t> whole_at(JsonObject *object, const char *name)
{
    JsonNode *node = value_at(object, name, G_TYPE_INT64);
    return node ? std::optional<int64_t>{json_node_get_int(node)} : std::nullopt;
}

std::optional<double> number_at(JsonObject *object, const char *name)
{
    if (JsonNode *node = value_at(object, name, G_TYPE_DOUBLE))
        return json_node_get_double(node);
    const auto whole = whole_at(object, name);
    return whole ? std::optional{double(*whole)} : std::nullopt;
}

JsonArray *array_at(JsonObject *object, const char *name)
{
    JsonNode *node = object ? json_object_get_member(object, name) : nullptr;
    return node && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : nullptr;
}

std::optional<std::vector<std::string>> texts_at(JsonObject *object, const char *name)
{
    JsonArray *array = array_at(object, name);
    return array ? texts_of(array) : std::nullopt;
}

std::optional<std::vector<std::string>> texts_of(JsonArray *array)
{
    std::vector<std::string> out;
    for (unsigned i = 0; i < json_array_get_length(array); ++i) {
        JsonNode *node = json_array_get_element(array, i);
        if (!JSON_NODE_HOLDS_VALUE(node) || json_node_get_value_type(node) != G_TYPE_STRING)
            return std::nullopt;
        out.emplace_back(json_node_get_string(node));
    }
    return out;
}

JsonObject *object_at(JsonObject *object, const char *name)
{
    JsonNode *node = object ? json_object_get_member(object, name) : nullptr;
    return node && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : nullptr;
}

JsonObject *object_at(JsonArray *array, unsigned i)
{
    if (i >= json_array_get_length(array))
        return nullptr;
    JsonNode *node = json_array_get_element(array, i);
    return JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : nullptr;
}

JsonNode *member(JsonObject *object, const char *name)
{
    JsonObjectIter iter;
    const char *key = nullptr;
    JsonNode *value = nullptr;
    JsonNode *found = nullptr; // the last of two spellings counts, as when reading
    json_object_iter_init_ordered(&iter, object);
    while (json_object_iter_next_ordered(&iter, &key, &value)) {
        if (g_ascii_strcasecmp(key, name) == 0)
            found = JSON_NODE_HOLDS_NULL(value) ? nullptr : value;
    }
    return found;
}

bool has(JsonObject *object, const char *name)
{
    return member(object, name) != nullptr;
}

namespace
{

/// Whether it stands for itself inside quotes.
bool is_plain(char c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

/// Escapes the first character of text, and takes it away.
void append_escaped(std::string &out, std::string_view &text)
{
    const auto c = static_cast<unsigned char>(text.front());
    size_t length = 1;
    if (c == '"' || c == '\\') {
        out += {'\\', char(c)};
    } else if (c == '\n') {
        out += "\\n";
    } else if (c == '\r') {
        out += "\\r";
    } else if (c == '\t') {
        out += "\\t";
    } else if (c < 0x80) {
        char escape[8];
        g_snprintf(escape, sizeof escape, "\\u%04x", c);
        out += escape;
    } else {
        const gunichar point = g_utf8_get_char_validated(text.data(), gssize(text.size()));
        const bool valid = point < 0x110000;
        length = valid ? size_t(g_utf8_next_char(text.data()) - text.data()) : 1;
        out += valid ? text.substr(0, length) : "\xef\xbf\xbd";
    }
    text.remove_prefix(length);
}

void append_quoted(std::string &out, std::string_view text)
{
    out += '"';
    while (!text.empty()) {
        const auto plain = std::find_if_not(text.begin(), text.end(), is_plain);
        const auto size = size_t(plain - text.begin());
        out.append(text, 0, size);
        text.remove_prefix(size);
        if (!text.empty())
            append_escaped(out, text);
    }
    out += '"';
}

} // namespace

std::string quoted(std::string_view text)
{
    std::string out;
    out.reserve(text.size() + 2);
    append_quoted(out, text);
    return out;
}

Value::Value(double number)
{
    char text[32];
    const auto r = std::to_chars(text, text + sizeof text, number);
    text_ = std::isfinite(number) ? std::string{text, r.ptr} : "null";
}

Value::Value(const Object &object) : text_{object.text()} {}

Value::Value(const Array &array) : text_{array.text()} {}

Value Value::raw(std::string json)
{
    Value value;
    value.text_ = std::move(json);
    return value;
}

Object &Object::add(std::string_view name, const Value &value)
{
    if (!members_.empty())
        members_ += ',';
    append_quoted(members_, name);
    members_ += ':';
    members_ += value.text();
    return *this;
}

Array &Array::add(const Value &value)
{
    if (!members_.empty())
        members_ += ',';
    members_ += value.text();
    return *this;
}

Array array_of(const std::vector<std::string> &texts)
{
    Array out;
    for (const std::string &text : texts)
        out.add(text);
    return out;
}

} // namespace panto::json
