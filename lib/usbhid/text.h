// SPDX-License-Identifier: LGPL-2.1-or-later
/// Text into keyboard reports.
///
/// Threads  none of its own; one object at a time
#pragma once

#include "lib/usbhid/keymap.h"

#include <string>

namespace panto::hid
{

/// Stands for bytes that are no UTF-8.
inline constexpr char32_t kReplacement = 0xfffd;

/// Takes UTF-8 apart, however it is cut into buffers.
///
/// Errors   an ill-formed sequence comes out as one kReplacement for its longest valid beginning
/// Source   Unicode 15.0, section 3.9, table 3-7 and "U+FFFD substitution of maximal subparts"
class Utf8Decoder
{
public:
    std::u32string decode(std::span<const uint8_t> bytes);
    /// The text is over: what is still incomplete is ill-formed.
    std::u32string finish();

private:
    char32_t value_ = 0;
    int missing_ = 0;                  // bytes until value_ is whole
    uint8_t low_ = 0x80, high_ = 0xbf; // what the next one may be
};

/// Reports that type something: a press and an all-up report for each stroke.
struct Typed {
    std::vector<KeyboardReport> reports;
    unsigned left_out = 0; ///< characters the layout cannot type, and ill-formed sequences
};

/// Types a text that comes in pieces. CR LF and CR are one Enter, as LF is.
class Typist
{
public:
    explicit Typist(const Layout &layout) : layout_{&layout} {}

    Typed type(std::span<const uint8_t> utf8);
    /// The text is over.
    Typed finish();

private:
    Typed type(std::u32string_view characters);

    const Layout *layout_; // constant data
    Utf8Decoder decoder_;
    bool after_return_ = false;
};

/// Types a whole text.
Typed type_text(const Layout &layout, std::string_view utf8);

} // namespace panto::hid
