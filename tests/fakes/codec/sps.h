// SPDX-License-Identifier: LGPL-2.1-or-later
/// What the vendor's encoder says of a stream in its headers, and what this library adds to one.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace panto::standin
{

/// The parts of a stream of start codes, each with its own, and their types.
struct Nal {
    std::span<uint8_t> bytes;
    int type;
};
std::vector<Nal> split(std::span<uint8_t> stream);

/// Writes profile, constraints and level into a sequence parameter set. The level is raised until
/// a picture of so many macroblocks fits, and no further. constraint_set has values of
/// constraint_setN in bits 0 to 5, and in bits 16 to 21 which of them to use.
void patch_sps(std::span<uint8_t> nal, int profile, unsigned constraint_set, int level,
               int macroblocks);

/// A supplemental enhancement information message that holds a text.
std::vector<uint8_t> text_sei(const std::string &text);

/// Filler data, of exactly so many bytes; at least 6.
std::vector<uint8_t> filler(size_t bytes);

} // namespace panto::standin
