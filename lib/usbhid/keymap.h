// SPDX-License-Identifier: LGPL-2.1-or-later
/// Keyboard layouts: which strokes type a character, and which character a stroke types.
///
/// A layout is data: one table in layouts/<id>.cpp and one line in keymap.cpp's list. A dead key
/// is written as the combining mark it adds (U+0301 for an acute), so the table needs no flags.
///
/// Threads  all of it is constant data and pure functions
#pragma once

#include "lib/usbhid/report.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace panto::hid
{

/// What one key types at each level; 0 is nothing, U+0300..U+036F is a dead key.
struct Key {
    uint8_t usage;
    char32_t plain = 0;
    char32_t shift = 0;
    char32_t altgr = 0;
    char32_t shift_altgr = 0;
};

struct Layout {
    std::string_view id;   ///< "us", "de", "fr": what the layout property takes
    std::string_view name; ///< for people
    std::span<const Key> keys;
};

/// One key pressed with these modifiers (hid::Modifier bits) and let go.
struct Stroke {
    uint8_t modifiers = 0;
    uint8_t usage = 0;

    bool operator==(const Stroke &) const = default;
};

std::span<const Layout *const> layouts();
/// Null when there is no such layout.
const Layout *find_layout(std::string_view id);

/// Whether c is a combining mark, which in a layout means a dead key.
constexpr bool is_mark(char32_t c)
{
    return c >= 0x0300 && c <= 0x036f;
}
/// The character that mark makes of base; of a space, the mark's own spacing form; 0 if none.
char32_t compose(char32_t mark, char32_t base);

/// The strokes that type c, at most two (dead key, base); empty when the layout cannot type it.
std::vector<Stroke> strokes(const Layout &layout, char32_t c);
/// Every character that the layout can type, each once, with dead keys, too.
std::u32string typeable(const Layout &layout);
/// What a stroke types with CapsLock off: a character, a mark (dead key), or 0.
char32_t character(const Layout &layout, Stroke stroke);

} // namespace panto::hid
