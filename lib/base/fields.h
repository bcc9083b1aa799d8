// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string>
#include <variant>

namespace panto
{

/// One field of a plain settings struct S: the single description from which GObject properties,
/// YAML config keys, JSON bodies and their documentation are derived. The default is S{}.
template <class S>
struct Field {
    const char *name; ///< kebab-case in properties, as the wire or file spells it elsewhere
    const char *doc;  ///< one sentence; the unit is named here when the field is a number
    std::variant<bool S::*, int S::*, unsigned S::*, std::string S::*> at;
    int64_t min = 0;
    int64_t max = 0;
    bool live = false;             ///< element properties: may change while PLAYING
    const char *choices = nullptr; ///< a string's allowed values, "a|b|c"; nullptr = any text
    bool required = false;         ///< bodies: must be there, and a text must not be empty
};

/// A text field that takes one of a few words.
template <class S>
constexpr Field<S> one_of(const char *choices, const char *name, const char *doc,
                          std::string S::*at)
{
    return {name, doc, at, 0, 0, false, choices};
}

/// This field, which a body must have.
template <class S>
constexpr Field<S> required(Field<S> field)
{
    field.required = true;
    return field;
}

} // namespace panto
