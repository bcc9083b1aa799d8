// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/usbhid/text.h"

#include <utility>

namespace panto::hid
{

std::u32string Utf8Decoder::decode(std::span<const uint8_t> bytes)
{
    std::u32string out;
    for (const uint8_t byte : bytes) {
        if (missing_ > 0 && byte >= low_ && byte <= high_) {
            value_ = value_ << 6 | (byte & 0x3f);
            low_ = 0x80;
            high_ = 0xbf;
            if (--missing_ == 0)
                out += value_;
            continue;
        }
        out += finish();
        if (byte < 0x80) {
            out += byte;
        } else if (byte >= 0xc2 && byte <= 0xdf) {
            missing_ = 1;
            value_ = byte & 0x1f;
        } else if (byte >= 0xe0 && byte <= 0xef) {
            missing_ = 2;
            value_ = byte & 0x0f;
            low_ = byte == 0xe0 ? 0xa0 : 0x80;  // no overlong forms
            high_ = byte == 0xed ? 0x9f : 0xbf; // no surrogates
        } else if (byte >= 0xf0 && byte <= 0xf4) {
            missing_ = 3;
            value_ = byte & 0x07;
            low_ = byte == 0xf0 ? 0x90 : 0x80;
            high_ = byte == 0xf4 ? 0x8f : 0xbf; // nothing above U+10FFFF
        } else {
            out += kReplacement;
        }
    }
    return out;
}

std::u32string Utf8Decoder::finish()
{
    low_ = 0x80;
    high_ = 0xbf;
    return std::u32string(std::exchange(missing_, 0) > 0, kReplacement);
}

Typed Typist::type(std::span<const uint8_t> utf8)
{
    return type(decoder_.decode(utf8));
}

Typed Typist::finish()
{
    after_return_ = false;
    return type(decoder_.finish());
}

Typed Typist::type(std::u32string_view characters)
{
    Typed out;
    for (char32_t c : characters) {
        const bool returned = std::exchange(after_return_, c == U'\r');
        if (c == U'\n' && returned)
            continue;
        const auto taps = strokes(*layout_, c == U'\r' ? U'\n' : c);
        out.left_out += taps.empty();
        for (const Stroke &tap : taps) {
            out.reports.push_back({tap.modifiers, 0, tap.usage});
            out.reports.push_back(kAllKeysUp);
        }
    }
    return out;
}

Typed type_text(const Layout &layout, std::string_view utf8)
{
    Typist typist{layout};
    Typed out = typist.type({reinterpret_cast<const uint8_t *>(utf8.data()), utf8.size()});
    out.left_out += typist.finish().left_out;
    return out;
}

} // namespace panto::hid
