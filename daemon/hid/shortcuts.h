// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/result.h"

#include <string>
#include <vector>

namespace panto::hid
{

struct ShortcutKey {
    std::string code;  ///< DOM KeyboardEvent.code
    std::string label; ///< as people see it
};

struct Shortcut {
    std::string id; ///< a UUID
    std::vector<ShortcutKey> keys;
};

/// Shortcuts: key combinations that people keep for the console's menu, in order.
///
/// Errors   Invalid: no key, more than 16, or a text of more than 64 bytes. Busy: there are 100.
///          NotFound: none of that id
/// Threads  any, one at a time
class Shortcuts
{
public:
    /// Reads what text() gave; what makes no sense there is left out.
    explicit Shortcuts(const std::string &stored);

    const std::vector<Shortcut> &all() const { return all_; }
    /// {"shortcuts":[{"id","keys":[{"code","label"}]}]}, as the wire and the file have it.
    std::string text() const;
    Result<> add(const std::vector<ShortcutKey> &keys);
    Result<> remove(const std::string &id);

private:
    std::vector<Shortcut> all_;
};

} // namespace panto::hid
