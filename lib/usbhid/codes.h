// SPDX-License-Identifier: LGPL-2.1-or-later
/// Keys by the names a browser gives them: KeyboardEvent.code <-> HID usage.
///
/// Source   W3C UI Events KeyboardEvent code Values; USB HID Usage Tables 1.12, page 0x07
#pragma once

#include <cstdint>
#include <string_view>

namespace panto::hid
{

/// The usage of a DOM code such as "KeyA" or "ShiftLeft" (0xe1); 0 when there is none.
uint8_t usage_for_code(std::string_view code);
/// The DOM code of a usage; "" when it has none.
std::string_view code_for_usage(uint8_t usage);

} // namespace panto::hid
