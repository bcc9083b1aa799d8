// SPDX-License-Identifier: LGPL-2.1-or-later
// Source   ITU-T H.264: 7.3.2.1.1, 7.3.2.3, 7.3.2.7, D.1.7, annex A (table A-1), annex B
#include "tests/fakes/codec/sps.h"

#include <algorithm>
#include <array>

namespace panto::standin
{

namespace
{

constexpr std::array<uint8_t, 4> kStartCode = {0, 0, 0, 1};
constexpr size_t kPayload = 5; ///< of a part: behind start code and header

int fitting_level(int level, int macroblocks)
{
    static constexpr struct {
        int level, most;
    } kFrameSizes[] = {{10, 99},   {11, 396},  {20, 396},  {21, 792},   {22, 1620},  {31, 3600},
                       {32, 5120}, {40, 8192}, {42, 8704}, {50, 22080}, {51, 36864}, {60, 139264}};
    for (const auto &row : kFrameSizes)
        if (macroblocks <= row.most)
            return std::max(level, row.level);
    return std::max(level, 60);
}

/// Constraint flags as the vendor's encoder sets them by itself, constraint_set0 in the top bit.
uint8_t own_constraints(int profile)
{
    return profile == 66 ? 0xc0 : profile == 77 ? 0x40 : 0x10;
}

} // namespace

std::vector<Nal> split(std::span<uint8_t> stream)
{
    std::vector<size_t> starts;
    for (size_t i = 0; i + 4 < stream.size(); ++i)
        if (std::equal(kStartCode.begin(), kStartCode.end(), stream.begin() + long(i)))
            starts.push_back(i);
    std::vector<Nal> parts;
    for (size_t i = 0; i < starts.size(); ++i) {
        const size_t end = i + 1 < starts.size() ? starts[i + 1] : stream.size();
        parts.push_back({stream.subspan(starts[i], end - starts[i]), stream[starts[i] + 4] & 0x1f});
    }
    return parts;
}

void patch_sps(std::span<uint8_t> nal, int profile, unsigned constraint_set, int level,
               int macroblocks)
{
    uint8_t flags = own_constraints(profile);
    for (unsigned n = 0; n < 6; ++n) {
        const auto bit = uint8_t(0x80 >> n);
        if (constraint_set >> (16 + n) & 1)
            flags = constraint_set >> n & 1 ? flags | bit : flags & uint8_t(~bit);
    }
    nal[kPayload] = uint8_t(profile);
    nal[kPayload + 1] = flags;
    nal[kPayload + 2] = uint8_t(fitting_level(level, macroblocks));
}

std::vector<uint8_t> text_sei(const std::string &text)
{
    std::vector<uint8_t> out{0, 0, 0, 1, 0x06, 0x05}; // user data, unregistered
    size_t size = 16 + text.size();
    for (; size >= 255; size -= 255)
        out.push_back(255);
    out.push_back(uint8_t(size));
    out.resize(out.size() + 16, 0x5a); // its identifier
    out.insert(out.end(), text.begin(), text.end());
    out.push_back(0x80);
    return out;
}

std::vector<uint8_t> filler(size_t bytes)
{
    std::vector<uint8_t> out(std::max<size_t>(bytes, 6), 0xff);
    std::copy_n(std::array<uint8_t, 5>{0, 0, 0, 1, 0x0c}.begin(), 5, out.begin());
    out.back() = 0x80;
    return out;
}

} // namespace panto::standin
