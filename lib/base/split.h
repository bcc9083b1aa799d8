// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace panto
{

/// The parts of a text between its separators: "a|b|" is "a", "b" and "".
inline std::vector<std::string> split(std::string_view text, char separator)
{
    std::vector<std::string> out;
    for (size_t at = 0; at <= text.size();) {
        const size_t end = std::min(text.find(separator, at), text.size());
        out.emplace_back(text.substr(at, end - at));
        at = end + 1;
    }
    return out;
}

/// Without the blanks around it.
inline std::string_view trimmed(std::string_view text)
{
    const size_t begin = std::min(text.find_first_not_of(" \t"), text.size());
    return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

} // namespace panto
