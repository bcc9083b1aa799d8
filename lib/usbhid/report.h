// SPDX-License-Identifier: LGPL-2.1-or-later
/// The HID reports of the gadget, as bytes.
///
/// Units    absolute x and y are 1..0x7fff over the whole picture; wheel +1 is up (away from the
/// user) Source   USB HID Usage Tables 1.12, page 0x07; boot protocol keyboard in HID 1.11 appendix
/// B
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace panto::hid
{

inline constexpr size_t kKeyboardSize = 8; ///< modifiers, 0, six usages
inline constexpr size_t kRelativeSize = 4; ///< buttons, dx, dy, wheel
inline constexpr size_t kAbsoluteSize = 6; ///< buttons, x lo, x hi, y lo, y hi, wheel
inline constexpr size_t kConsumerSize = 2; ///< usage of page 0x0c that is down: lo, hi; 0: none

using KeyboardReport = std::array<uint8_t, kKeyboardSize>;
using RelativeReport = std::array<uint8_t, kRelativeSize>;
using AbsoluteReport = std::array<uint8_t, kAbsoluteSize>;
using ConsumerReport = std::array<uint8_t, kConsumerSize>;

/// The greatest usage that a consumer report may hold.
inline constexpr uint16_t kLastConsumerUsage = 0x3ff;

inline constexpr KeyboardReport kAllKeysUp{};

/// Modifier bits of the keyboard report's first byte.
enum Modifier : uint8_t {
    kLeftCtrl = 0x01,
    kLeftShift = 0x02,
    kLeftAlt = 0x04,
    kLeftMeta = 0x08,
    kRightCtrl = 0x10,
    kRightShift = 0x20,
    kAltGr = 0x40,
    kRightMeta = 0x80,
};

/// Button bits of both pointer reports.
enum Button : uint8_t {
    kLeft = 0x01,
    kRight = 0x02,
    kMiddle = 0x04,
    kBack = 0x08,
    kForward = 0x10
};

/// LED bits of the keyboard's output report.
enum Led : uint8_t { kNumLock = 0x01, kCapsLock = 0x02, kScrollLock = 0x04 };

} // namespace panto::hid
