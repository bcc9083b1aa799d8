// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace panto::http
{

/// What a Range header asks for of a body: all of it, one part, or nothing that there is.
///
/// Source   RFC 9110, section 14: a header that makes no sense, or asks for several parts, may be
///          answered with the whole
struct ByteRange {
    enum class Kind { All, Part, None } kind = Kind::All;
    uint64_t first = 0;
    uint64_t length = 0;

    static ByteRange of(std::string_view header, uint64_t size)
    {
        constexpr std::string_view kUnit = "bytes=";
        const ByteRange all{Kind::All, 0, size};
        const size_t dash = header.find('-');
        if (!header.starts_with(kUnit) || dash == header.npos)
            return all;
        const std::string_view from = header.substr(kUnit.size(), dash - kUnit.size());
        const std::string_view to = header.substr(dash + 1);
        const auto first = number(from), last = number(to);
        if ((!from.empty() && !first) || (!to.empty() && !last) || (from.empty() && to.empty()))
            return all;
        if (from.empty()) // the last so many
            return part(size - std::min(*last, size), std::min(*last, size), size);
        if (last && *last < *first)
            return all;
        const uint64_t end = last ? std::min(*last, size - 1) + 1 : size; // of size 0 see part()
        return part(*first, end - std::min(*first, end), size);
    }

private:
    static ByteRange part(uint64_t first, uint64_t length, uint64_t size)
    {
        return first >= size || length == 0 ? ByteRange{Kind::None, 0, 0}
                                            : ByteRange{Kind::Part, first, length};
    }
    static std::optional<uint64_t> number(std::string_view text)
    {
        uint64_t value = 0;
        const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        return error == std::errc{} && rest == text.data() + text.size() ? std::optional{value}
                                                                         : std::nullopt;
    }
};

} // namespace panto::http
