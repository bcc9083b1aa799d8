// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/usbhid/keymap.h"

#include "lib/usbhid/layouts/layouts.h"
#include "lib/usbhid/usages.h"

namespace panto::hid
{
namespace
{

constexpr const Layout *kLayouts[] = {&kLayoutUs, &kLayoutDe, &kLayoutFr};

// These type the same on every layout, with Shift too.
constexpr Key kEverywhere[] = {
    {usage::kEnter, U'\n', U'\n'},
    {usage::kTab, U'\t', U'\t'},
    {usage::kSpace, U' ', U' '},
};

// What each mark makes of a base: base and result in turn. A space gives the mark by itself.
struct Compositions {
    char32_t mark;
    std::u32string_view pairs;
};
constexpr Compositions kCompositions[] = {
    {U'\u0300', U" `aàAÀeèEÈiìIÌoòOÒuùUÙnǹNǸ"},
    {U'\u0301', U" ´aáAÁeéEÉiíIÍoóOÓuúUÚyýYÝcćCĆnńNŃsśSŚzźZŹlĺLĹrŕRŔ"},
    {U'\u0302', U" ^aâAÂeêEÊiîIÎoôOÔuûUÛcĉCĈgĝGĜhĥHĤjĵJĴsŝSŜwŵWŴyŷYŶ"},
    {U'\u0303', U" ~aãAÃnñNÑoõOÕiĩIĨuũUŨ"},
    {U'\u0308', U" ¨aäAÄeëEËiïIÏoöOÖuüUÜyÿYŸ"},
    {U'\u030a', U" °aåAÅuůUŮ"},
    {U'\u030c', U" ˇcčCČdďDĎeěEĚnňNŇrřRŘsšSŠzžZŽ"},
    {U'\u0327', U" ¸cçCÇsşSŞtţTŢ"},
};

char32_t at_level(const Key &key, uint8_t modifiers)
{
    const bool shift = modifiers & (kLeftShift | kRightShift);
    if (modifiers & kAltGr)
        return shift ? key.shift_altgr : key.altgr;
    return shift ? key.shift : key.plain;
}

/// The stroke that types c with one key, or one whose usage is 0.
Stroke direct(const Layout &layout, char32_t c)
{
    for (const uint8_t modifiers : {0, +kLeftShift, +kAltGr, kLeftShift | kAltGr})
        for (const auto keys : {std::span<const Key>{kEverywhere}, layout.keys})
            for (const Key &key : keys)
                if (at_level(key, modifiers) == c)
                    return {modifiers, key.usage};
    return {};
}

} // namespace

std::span<const Layout *const> layouts()
{
    return kLayouts;
}

const Layout *find_layout(std::string_view id)
{
    for (const Layout *layout : kLayouts)
        if (layout->id == id)
            return layout;
    return nullptr;
}

char32_t compose(char32_t mark, char32_t base)
{
    for (const Compositions &row : kCompositions)
        if (row.mark == mark)
            for (size_t i = 0; i + 1 < row.pairs.size(); i += 2)
                if (row.pairs[i] == base)
                    return row.pairs[i + 1];
    return 0;
}

std::vector<Stroke> strokes(const Layout &layout, char32_t c)
{
    if (c == 0 || is_mark(c)) // a mark by itself would change whatever is typed next
        return {};
    if (const Stroke one = direct(layout, c); one.usage)
        return {one};
    for (const Compositions &row : kCompositions)
        for (size_t i = 0; i + 1 < row.pairs.size(); i += 2) {
            if (row.pairs[i + 1] != c)
                continue;
            const Stroke dead = direct(layout, row.mark);
            const Stroke base = direct(layout, row.pairs[i]);
            if (dead.usage && base.usage)
                return {dead, base};
        }
    return {};
}

std::u32string typeable(const Layout &layout)
{
    std::u32string all;
    const auto add = [&](char32_t c) {
        if (all.find(c) == all.npos && !strokes(layout, c).empty())
            all += c;
    };
    for (const auto keys : {std::span<const Key>{kEverywhere}, layout.keys})
        for (const Key &key : keys)
            for (const char32_t c : {key.plain, key.shift, key.altgr, key.shift_altgr})
                add(c);
    for (const Compositions &row : kCompositions)
        for (size_t i = 1; i < row.pairs.size(); i += 2)
            add(row.pairs[i]);
    return all;
}

char32_t character(const Layout &layout, Stroke stroke)
{
    for (const auto keys : {std::span<const Key>{kEverywhere}, layout.keys})
        for (const Key &key : keys)
            if (key.usage == stroke.usage)
                return at_level(key, stroke.modifiers);
    return 0;
}

} // namespace panto::hid
