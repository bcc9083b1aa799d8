// SPDX-License-Identifier: LGPL-2.1-or-later
/// Reads H.264 as an encoder gives it: one access unit in a buffer, as a byte stream.
///
/// Source   ITU-T H.264, 7.3.1, 7.4.1 and annex B
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace panto::tests
{

enum Nal : uint8_t {
    kSlice = 1,
    kPartA = 2,
    kIdr = 5,
    kSei = 6,
    kSps = 7,
    kPps = 8,
    kDelimiter = 9
};

struct AccessUnit {
    std::vector<uint8_t> types;    ///< of its NAL units, in their order
    std::vector<std::string> nals; ///< with their header, without start codes

    size_t count(uint8_t type) const
    {
        return size_t(std::count(types.begin(), types.end(), type));
    }
    bool key() const { return count(kIdr) > 0; }
    /// Of pictures, whole or in part.
    size_t slices() const { return count(kSlice) + count(kPartA) + count(kIdr); }
    /// The first of a type; "" for none.
    std::string first(uint8_t type) const
    {
        const auto found = std::find(types.begin(), types.end(), type);
        return found == types.end() ? "" : nals[size_t(found - types.begin())];
    }
};

inline AccessUnit access_unit(std::string_view bytes)
{
    constexpr std::string_view kStart{"\0\0\1", 3};
    AccessUnit unit;
    size_t at = bytes.find(kStart);
    while (at != bytes.npos) {
        at += kStart.size();
        const size_t next = bytes.find(kStart, at);
        std::string_view nal = bytes.substr(at, next == bytes.npos ? next : next - at);
        while (!nal.empty() && nal.back() == 0) // of a start code of four bytes, or trailing
            nal.remove_suffix(1);
        if (!nal.empty()) {
            unit.types.push_back(uint8_t(nal[0]) & 31);
            unit.nals.emplace_back(nal);
        }
        at = next;
    }
    return unit;
}

} // namespace panto::tests
