// SPDX-License-Identifier: LGPL-2.1-or-later
/// A walk over the segments of a JPEG file, without decoding anything.
///
/// Errors   nothing for bytes that are no JPEG, or one cut off before its first scan
/// Source   ITU-T T.81 (JPEG), annex B
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace panto::jpeg
{

using Bytes = std::span<const uint8_t>;

struct Header {
    unsigned width = 0;
    unsigned height = 0;
    unsigned components = 0; ///< 1 grey, 3 colour
    Bytes scan;              ///< from behind the first scan's header to the end of the file
};

std::optional<Header> read_header(Bytes jpeg);

/// How many bytes it has up to its last end marker: some sticks fill up with zeros, or with
/// anything. 0 for one that is cut off.
size_t end_of(Bytes jpeg, const Header &header);

/// Whether two files hold the same coded picture, whatever their comments and application
/// segments say: cameras put counters and clocks there.
bool same_picture(Bytes a, Bytes b);

} // namespace panto::jpeg
