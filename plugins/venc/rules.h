// SPDX-License-Identifier: LGPL-2.1-or-later
/// What follows from standards and from what encoders can read: levels, bit rates, rows in memory.
/// Pure functions.
#pragma once

#include "plugins/venc/session.h"

namespace panto::venc
{

/// "H.264", as sentences say it.
const char *name_of(Codec codec);

/// The lowest level_idc (10 times the level) whose limits on macroblocks per frame and per second
/// hold; the highest there is if none's do.
/// Source: ITU-T H.264, table A-1.
unsigned h264_level(unsigned width, unsigned height, unsigned fps_num, unsigned fps_den);

/// The lowest general_level_idc (30 times the level), main tier, alike.
/// Source: ITU-T H.265, tables A.8 and A.9.
unsigned h265_level(unsigned width, unsigned height, unsigned fps_num, unsigned fps_den);

/// "4.2" of level_idc 42 in H.264, and of 126 in H.265.
std::string level_text(Codec codec, unsigned level_idc);

struct BitRates {
    unsigned target = 0, max = 0, min = 0; ///< bit/s

    bool operator==(const BitRates &) const = default;
};

/// What the rate control is to keep to: constant within a sixteenth either way; variable down to
/// a sixteenth of the target. A maximum of the user's is never below the target.
BitRates bit_rates(const Settings &settings);

/// profile_idc with the values of constraint_set0..5 in bits 0..5, and which of them are to be
/// forced in bits 16..21.
struct ProfileBits {
    unsigned profile_idc = 0;
    unsigned constraints = 0;
};

/// So that SPS and SDP say profiles that browsers know: 42e0, 4d40, 6400, 640c.
/// Source: RFC 6184, 8.1 (profile-level-id)
ProfileBits profile_bits(Profile profile);

/// Bytes per row of the first plane for that many pixels.
unsigned row_bytes(Pixels pixels, unsigned width);
/// Bytes of a whole picture.
size_t picture_bytes(Pixels pixels, const Layout &layout);

/// Rows and planes at multiples of 16, which every encoder of the kind can read.
Layout aligned_layout(Pixels pixels, unsigned width, unsigned height);

/// Whether an Annex B stream's first picture is an IDR; a JPEG always is.
bool is_key_frame(Codec codec, const std::vector<uint8_t> &bytes);

/// How the planes of a piece of memory lie.
struct Placement {
    unsigned planes = 1;
    std::array<size_t, 3> offsets{};
    std::array<int, 3> strides{};
    size_t size = 0; ///< of the memory
};

/// Tells whether the encoder can read it where it lies.
/// Errors: why it cannot.
Result<Layout> direct_layout(Codec codec, const Video &video, const Placement &placement);

/// Waits between two tries of what has no event of its own; the caller counts.
void pause_ms(int ms);

/// Copies a picture's rows to where the layout wants them.
void copy_picture(const Video &video, const Planes &from, const Layout &layout, uint8_t *to);

} // namespace panto::venc
