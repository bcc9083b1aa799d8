// SPDX-License-Identifier: LGPL-2.1-or-later
/// Numbers and text out of a block that was read from an image.
#pragma once

#include "daemon/storage/inspector.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace panto::storage
{

/// One block of an image; a place beyond what could be read holds 0.
template <size_t N>
class Block
{
public:
    Block(const ReadAt &read, uint64_t offset) : size_{read(offset, bytes_)} {}

    bool whole() const { return size_ == N; }
    uint8_t u8(size_t at) const { return at < N ? bytes_[at] : 0; }
    uint16_t u16(size_t at) const { return uint16_t(u8(at) | u8(at + 1) << 8); }
    uint32_t u32(size_t at) const { return u16(at) | uint32_t(u16(at + 2)) << 16; }
    uint64_t u64(size_t at) const { return u32(at) | uint64_t(u32(at + 4)) << 32; }
    bool holds(size_t at, std::string_view text) const
    {
        for (size_t i = 0; i < text.size(); ++i)
            if (u8(at + i) != uint8_t(text[i]))
                return false;
        return true;
    }
    /// Printable ASCII only, without the blanks at the end.
    std::string text(size_t at, size_t length) const
    {
        std::string out;
        for (size_t i = 0; i < length && u8(at + i); ++i)
            out += u8(at + i) >= 0x20 && u8(at + i) < 0x7f ? char(u8(at + i)) : '?';
        while (!out.empty() && out.back() == ' ')
            out.pop_back();
        return out;
    }

private:
    std::array<uint8_t, N> bytes_{};
    size_t size_;
};

} // namespace panto::storage
