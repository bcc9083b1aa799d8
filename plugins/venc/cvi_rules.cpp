// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/venc/cvi_rules.h"

#include "plugins/venc/rules.h"

namespace panto::cvi
{

namespace
{

/// constraint_set0 in the top bit, which is its place in the stream.
/// Source: RFC 6184, 8.1 (profile-level-id)
uint8_t constraints_of(venc::Profile profile)
{
    switch (profile) {
    case venc::Profile::ConstrainedBaseline:
        return 0xe0;
    case venc::Profile::Main:
        return 0x40;
    case venc::Profile::High:
        return 0x00;
    case venc::Profile::ConstrainedHigh:
        return 0x0c;
    }
    return 0;
}

constexpr unsigned rounded_up(unsigned value, unsigned to)
{
    return (value + to - 1) / to * to;
}

} // namespace

venc::Layout frame_layout(const venc::Video &video)
{
    return {rounded_up(venc::row_bytes(video.pixels, video.width), 64),
            rounded_up(video.height, 16)};
}

void write_constraints(std::vector<uint8_t> &stream, venc::Profile profile)
{
    for (size_t i = 0; i + 6 < stream.size(); ++i) {
        if (stream[i] || stream[i + 1] || stream[i + 2] != 1)
            continue;
        const unsigned type = stream[i + 3] & 31;
        if (type == 7 && stream[i + 4] == venc::profile_bits(profile).profile_idc)
            stream[i + 5] = constraints_of(profile);
        if (type >= 1 && type <= 5) // its headers are in front of a picture
            return;
    }
}

} // namespace panto::cvi
