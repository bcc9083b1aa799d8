// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/done.h"

#include <functional>
#include <optional>
#include <string>

namespace panto::agent
{

/// Who beside people may act on the computer.
enum class Mode { Off, Mcp, PicoClaw };

/// "off", "mcp" or "picoclaw", as wire and file spell it.
const char *text(Mode mode);
std::optional<Mode> parse_mode(const std::string &text);

/// Control: lets programs act on the computer, or not; nothing does before somebody allows it.
///
/// Errors   set(): what keeping the mode failed with; it is as it was then
/// Source   the NanoKVM server's AI control
/// Threads  main loop only
class Control
{
public:
    /// Puts the mode's word where it outlives the daemon.
    using Keep = std::function<void(const std::string &mode, Done<> done)>;

    /// kept: the word of the last time; "" or another one: off.
    Control(const std::string &kept, Keep keep);

    Mode mode() const { return mode_; }
    const std::string &changed_at() const { return changed_at_; } ///< RFC 3339; the start at first
    void set(Mode mode, Done<> done);

    /// The mode is another than before.
    std::function<void()> on_changed;

private:
    void changed(Mode mode);

    Keep keep_;
    Mode mode_;
    std::string changed_at_;
};

} // namespace panto::agent
