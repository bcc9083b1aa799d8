// SPDX-License-Identifier: LGPL-2.1-or-later
/// A wall-clock barcode for latency measurements: 32 bits in one row of square cells, their
/// complement in the row below, at the top left corner of a luma plane.
///
/// Units    the value is CLOCK_REALTIME in steps of 0.1 ms, modulo 2^32; a cell is 16x16 pixels,
///          most significant bit first, white (235) is 1 and black (16) is 0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace panto::stamp
{

inline constexpr unsigned kCell = 16;
inline constexpr unsigned kWidth = 32 * kCell;
inline constexpr unsigned kHeight = 2 * kCell;

/// The value for now.
uint32_t now();
/// Draws value into a luma plane of at least kWidth x kHeight.
void draw(uint8_t *luma, size_t stride, uint32_t value);
/// Reads it back; nothing when the two rows do not agree.
std::optional<uint32_t> read(const uint8_t *luma, size_t stride);

} // namespace panto::stamp
