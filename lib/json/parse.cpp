// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/json/json.h"

#include <charconv>
#include <cmath>
#include <cstring>

namespace panto::json
{

namespace
{

/// Reads one text from front to back; fails at most once.
class Parser
{
public:
    Parser(std::string_view text, unsigned depth) : text_{text}, depth_left_{depth} {}

    Result<Ref<JsonNode>> document()
    {
        PANTO_TRY(node, value());
        skip_space();
        if (at_ != text_.size())
            return fail("more text after the value");
        return std::move(node);
    }

private:
    Error fail(const char *what) const
    {
        return Error{Kind::Invalid, std::string{what} + " at byte " + std::to_string(at_)};
    }

    void skip_space()
    {
        while (at_ < text_.size() && std::strchr(" \t\r\n", text_[at_]) && text_[at_])
            ++at_;
    }

    bool take(char c)
    {
        const bool there = at_ < text_.size() && text_[at_] == c;
        at_ += there;
        return there;
    }

    bool take(std::string_view word)
    {
        const bool there = text_.substr(at_, word.size()) == word;
        at_ += there ? word.size() : 0;
        return there;
    }

    Result<Ref<JsonNode>> value()
    {
        skip_space();
        if (take('{'))
            return members();
        if (take('['))
            return elements();
        if (take('"')) {
            PANTO_TRY(string, rest_of_string());
            return Ref<JsonNode>::adopt(json_node_init_string(json_node_alloc(), string.c_str()));
        }
        if (take("true"))
            return Ref<JsonNode>::adopt(json_node_init_boolean(json_node_alloc(), TRUE));
        if (take("false"))
            return Ref<JsonNode>::adopt(json_node_init_boolean(json_node_alloc(), FALSE));
        if (take("null"))
            return Ref<JsonNode>::adopt(json_node_init_null(json_node_alloc()));
        return number();
    }

    Result<Ref<JsonNode>> members()
    {
        if (depth_left_ == 0)
            return fail("nested too deep");
        --depth_left_;
        JsonObject *object = json_object_new();
        auto node = Ref<JsonNode>::adopt(json_node_init_object(json_node_alloc(), object));
        json_object_unref(object); // the node has its own reference
        skip_space();
        if (!take('}')) {
            do {
                skip_space();
                if (!take('"'))
                    return fail("expected a key");
                PANTO_TRY(key, rest_of_string());
                skip_space();
                if (!take(':'))
                    return fail("expected a colon");
                PANTO_TRY(member, value());
                json_object_set_member(object, key.c_str(), member.give());
                skip_space();
            } while (take(','));
            if (!take('}'))
                return fail("expected a comma or the end of the object");
        }
        ++depth_left_;
        return node;
    }

    Result<Ref<JsonNode>> elements()
    {
        if (depth_left_ == 0)
            return fail("nested too deep");
        --depth_left_;
        JsonArray *array = json_array_new();
        auto node = Ref<JsonNode>::adopt(json_node_init_array(json_node_alloc(), array));
        json_array_unref(array);
        skip_space();
        if (!take(']')) {
            do {
                PANTO_TRY(element, value());
                json_array_add_element(array, element.give());
                skip_space();
            } while (take(','));
            if (!take(']'))
                return fail("expected a comma or the end of the array");
        }
        ++depth_left_;
        return node;
    }

    /// Four hexadecimal digits.
    Result<gunichar> code_unit()
    {
        unsigned unit = 0;
        const auto digits = text_.substr(at_, 4);
        const auto r = std::from_chars(digits.data(), digits.data() + digits.size(), unit, 16);
        if (digits.size() != 4 || r.ptr != digits.data() + 4)
            return fail("expected four hexadecimal digits");
        at_ += 4;
        return unit;
    }

    Result<> escape(std::string &out)
    {
        static constexpr char kFrom[] = "\"\\/bfnrt", kTo[] = "\"\\/\b\f\n\r\t";
        const char c = at_ < text_.size() ? text_[at_] : '\0';
        if (const char *found = c ? std::strchr(kFrom, c) : nullptr) {
            ++at_;
            out += kTo[found - kFrom];
            return ok;
        }
        if (!take('u'))
            return fail("unknown escape");
        PANTO_TRY(point, code_unit());
        if (point >= 0xd800 && point < 0xdc00 && take("\\u")) {
            PANTO_TRY(low, code_unit());
            if (low < 0xdc00 || low > 0xdfff)
                return fail("half a surrogate pair");
            point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
        }
        if (point == 0 || (point >= 0xd800 && point < 0xe000))
            return fail("no character");
        char utf8[6];
        out.append(utf8, size_t(g_unichar_to_utf8(point, utf8)));
        return ok;
    }

    Result<std::string> rest_of_string()
    {
        std::string out;
        while (at_ < text_.size()) {
            const auto c = static_cast<unsigned char>(text_[at_++]);
            if (c == '"')
                return out;
            if (c < 0x20) {
                --at_;
                return fail("control character in a string");
            }
            if (c != '\\') {
                out += char(c);
            } else if (auto r = escape(out); !r) {
                return std::move(r.error());
            }
        }
        return fail("unfinished string");
    }

    bool digits()
    {
        const size_t start = at_;
        while (at_ < text_.size() && g_ascii_isdigit(text_[at_]))
            ++at_;
        return at_ > start;
    }

    Result<Ref<JsonNode>> number()
    {
        const size_t start = at_;
        bool whole = true, good = true;
        take('-');
        good = take('0') || digits();
        if (good && take('.')) {
            whole = false;
            good = digits();
        }
        if (good && (take('e') || take('E'))) {
            whole = false;
            if (!take('+'))
                take('-');
            good = digits();
        }
        if (!good)
            return fail("expected a value");

        const std::string text{text_.substr(start, at_ - start)};
        int64_t integer = 0;
        const auto r = std::from_chars(text.data(), text.data() + text.size(), integer);
        if (whole && r.ec == std::errc{})
            return Ref<JsonNode>::adopt(json_node_init_int(json_node_alloc(), integer));
        const double real = g_ascii_strtod(text.c_str(), nullptr);
        if (!std::isfinite(real))
            return fail("number out of range");
        return Ref<JsonNode>::adopt(json_node_init_double(json_node_alloc(), real));
    }

    std::string_view text_;
    size_t at_ = 0;
    unsigned depth_left_;
};

} // namespace

Result<Ref<JsonNode>> parse(std::string_view text, Limits limits)
{
    if (text.size() > limits.bytes)
        return Error{Kind::Invalid, "longer than " + std::to_string(limits.bytes) + " bytes"};
    if (!g_utf8_validate_len(text.data(), text.size(), nullptr))
        return Error{Kind::Invalid, "not UTF-8"};
    return Parser{text, limits.depth}.document();
}

Result<Ref<JsonNode>> parse_object(std::string_view text, Limits limits)
{
    PANTO_TRY(node, parse(text, limits));
    if (!object(node))
        return Error{Kind::Invalid, "not a JSON object"};
    return std::move(node);
}

} // namespace panto::json
