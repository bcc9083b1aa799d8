// SPDX-License-Identifier: LGPL-2.1-or-later
/// EDID: what a monitor tells the computer about itself; checked, and built from named presets.
///
/// Source   VESA Enhanced EDID 1.4, CTA-861-G section 7, VESA DMT 1.13 for the timings
#pragma once

#include "lib/base/result.h"

#include <cstdint>
#include <string>
#include <vector>

namespace panto::edid
{

using Bytes = std::vector<uint8_t>;

/// The most that a receiver takes; 0 is no limit.
struct Limits {
    unsigned width = 0;
    unsigned height = 0;
    unsigned pixel_clock_khz = 0;
};

/// The names of the presets whose every mode such a receiver takes, smallest first. A preset is
/// named as its preferred mode, such as "1920x1080".
std::vector<std::string> presets(const Limits &limits);

/// Whether two are the same but for the place in the tree of HDMI devices, which drivers fill in.
bool same_monitor(Bytes a, Bytes b);

/// What the monitor says it can play.
enum class Sound {
    None,
    Stereo, ///< two channels of PCM at 32, 44.1 and 48 kHz, 16 bit
};

/// Errors   NotFound: no preset of that name
Result<Bytes> build(const std::string &preset, Sound sound);

/// Errors   Invalid: what is wrong with the first block that is
Result<> check(const Bytes &edid);

/// Hexadecimal digits, blanks between them allowed.
Result<Bytes> from_hex(const std::string &text);
std::string to_hex(const Bytes &edid);

} // namespace panto::edid
