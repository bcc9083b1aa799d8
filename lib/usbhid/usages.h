// SPDX-License-Identifier: LGPL-2.1-or-later
/// Names for the keyboard usages that code speaks of; the full list by DOM code is in codes.h.
///
/// Source   USB HID Usage Tables 1.12, section 10, page 0x07
#pragma once

#include <cstdint>

namespace panto::hid::usage
{

inline constexpr uint8_t kRollOver = 0x01; ///< in every slot: more keys are down than fit
inline constexpr uint8_t kA = 0x04;
inline constexpr uint8_t kZ = 0x1d;
inline constexpr uint8_t kEnter = 0x28;
inline constexpr uint8_t kEscape = 0x29;
inline constexpr uint8_t kBackspace = 0x2a;
inline constexpr uint8_t kTab = 0x2b;
inline constexpr uint8_t kSpace = 0x2c;
inline constexpr uint8_t kCapsLock = 0x39;
inline constexpr uint8_t kScrollLock = 0x47;
inline constexpr uint8_t kHome = 0x4a;
inline constexpr uint8_t kDelete = 0x4c;
inline constexpr uint8_t kEnd = 0x4d;
inline constexpr uint8_t kRight = 0x4f;
inline constexpr uint8_t kLeft = 0x50;
inline constexpr uint8_t kDown = 0x51;
inline constexpr uint8_t kUp = 0x52;
inline constexpr uint8_t kNumLock = 0x53;
inline constexpr uint8_t kPadDivide = 0x54;
inline constexpr uint8_t kPadEnter = 0x58;
inline constexpr uint8_t kPad1 = 0x59;
inline constexpr uint8_t kPadDecimal = 0x63;
inline constexpr uint8_t kFirstModifier = 0xe0; ///< ControlLeft; modifiers are bits in a report
inline constexpr uint8_t kLastModifier = 0xe7;

} // namespace panto::hid::usage
