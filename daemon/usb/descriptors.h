// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string>

namespace panto::usb
{

/// The report descriptors of the input devices; those of keyboard and pointers are byte by byte the
/// NanoKVM's, which hosts and their quirk tables know, but for the relative mouse: it has five
/// buttons where that one has three, else back and forward would be lost in a game or a drawing.
/// Its reports are as long, with the two in bits that were padding.
///
/// Source   USB HID 1.11, 6.2.2 and appendix B

/// Modifiers, LEDs and six keys with usages up to `last_usage`.
std::string keyboard_descriptor(uint8_t last_usage);
/// Five buttons, x, y and wheel as steps.
std::string relative_descriptor();
/// `buttons` of them, x and y of 0..0x7fff, and a wheel.
std::string absolute_descriptor(uint8_t buttons);
/// One usage of the consumer page, 0..0x3ff.
std::string consumer_descriptor();

} // namespace panto::usb
