// SPDX-License-Identifier: LGPL-2.1-or-later
/// A Field table read from a JSON object or from a form.
///
/// Keys match in any case and the last of two counts; unknown keys and null are passed over.
/// Errors   Kind::Invalid, naming the field: "duration: must be 0..60000"; code kNoChoice for a
///          text that is none of its field's choices
/// Source   the NanoKVM server's body decoding
#pragma once

#include "lib/base/fields.h"
#include "lib/json/json.h"

#include <array>
#include <charconv>
#include <limits>
#include <map>
#include <type_traits>

namespace panto::json
{

/// One value on its way into a field, wherever it came from; empty = not of that type.
struct Incoming {
    std::optional<bool> truth;
    std::optional<int64_t> number;
    std::optional<std::string> text;
};

Incoming incoming(JsonNode *node);
/// A form field is text first; "" counts as false and 0.
Incoming incoming(const std::string &form_value);
constexpr int kNoChoice = 1;

/// Whether choices ("a|b|c", or nullptr for any) has text.
bool is_choice(const char *choices, const std::string &text);

template <class S>
Result<> set_field(S &to, const Field<S> &field, const Incoming &value)
{
    const auto must_be = [&](const std::string &what) {
        return Error{Kind::Invalid, std::string{field.name} + ": must be " + what};
    };
    return std::visit(
        [&](auto at) -> Result<> {
            using V = std::remove_cvref_t<decltype(to.*at)>;
            if constexpr (std::is_same_v<V, bool>) {
                if (!value.truth)
                    return must_be("true or false");
                to.*at = *value.truth;
            } else if constexpr (std::is_same_v<V, std::string>) {
                if (!value.text)
                    return must_be("text");
                if (!is_choice(field.choices, *value.text)) {
                    Error none = must_be(std::string{"one of "} + field.choices);
                    none.code = value.text->empty() ? 0 : kNoChoice; // "" is no text at all
                    return none;
                }
                to.*at = *value.text;
            } else {
                const bool any = field.min == 0 && field.max == 0;
                const int64_t min = any ? int64_t(std::numeric_limits<V>::min()) : field.min;
                const int64_t max = any ? int64_t(std::numeric_limits<V>::max()) : field.max;
                if (!value.number || *value.number < min || *value.number > max)
                    return must_be(std::to_string(min) + ".." + std::to_string(max));
                to.*at = V(*value.number);
            }
            return ok;
        },
        field.at);
}

template <class S, size_t N>
const Field<S> *find_field(const Field<S> (&fields)[N], const char *name)
{
    for (const auto &field : fields) {
        if (g_ascii_strcasecmp(field.name, name) == 0)
            return &field;
    }
    return nullptr;
}

/// What was read so far, and which fields of the table that filled.
template <class S, size_t N>
class Reading
{
public:
    explicit Reading(const Field<S> (&fields)[N]) : fields_{fields} {}

    Result<> take(const char *name, const Incoming &value)
    {
        const auto *field = find_field(fields_, name);
        if (!field)
            return ok;
        filled_[size_t(field - fields_)] = !value.text || !value.text->empty();
        return set_field(out_, *field, value);
    }
    Result<S> finish()
    {
        for (size_t i = 0; i < N; ++i)
            if (fields_[i].required && !filled_[i])
                return Error{Kind::Invalid, std::string{fields_[i].name} + " is required"};
        return std::move(out_);
    }

private:
    const Field<S> (&fields_)[N];
    std::array<bool, N> filled_{};
    S out_;
};

template <class S, size_t N>
Result<S> read(JsonObject *object, const Field<S> (&fields)[N])
{
    Reading<S, N> reading{fields};
    JsonObjectIter iter;
    const char *key = nullptr;
    JsonNode *node = nullptr;
    json_object_iter_init_ordered(&iter, object);
    while (json_object_iter_next_ordered(&iter, &key, &node)) {
        if (JSON_NODE_HOLDS_NULL(node))
            continue;
        if (auto r = reading.take(key, incoming(node)); !r)
            return std::move(r.error());
    }
    return reading.finish();
}

template <class S, size_t N>
Result<S> read(const std::map<std::string, std::string> &form, const Field<S> (&fields)[N])
{
    Reading<S, N> reading{fields};
    for (const auto &[key, text] : form)
        if (auto r = reading.take(key.c_str(), incoming(text)); !r)
            return std::move(r.error());
    return reading.finish();
}

} // namespace panto::json
