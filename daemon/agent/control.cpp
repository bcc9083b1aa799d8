// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/agent/control.h"

#include "daemon/observe/log.h"
#include "lib/glib/time_text.h"

namespace panto::agent
{

const char *text(Mode mode)
{
    return mode == Mode::Mcp ? "mcp" : mode == Mode::PicoClaw ? "picoclaw" : "off";
}

std::optional<Mode> parse_mode(const std::string &name)
{
    for (const auto mode : {Mode::Off, Mode::Mcp, Mode::PicoClaw})
        if (name == text(mode))
            return mode;
    return std::nullopt;
}

Control::Control(const std::string &kept, Keep keep)
    : keep_{std::move(keep)},
      mode_{parse_mode(kept.substr(0, kept.find('\n'))).value_or(Mode::Off)}, changed_at_{
                                                                                  now_rfc3339()}
{
}

void Control::set(Mode mode, Done<> done)
{
    keep_(text(mode), [this, mode, done = std::move(done)](Result<> kept) {
        if (kept)
            changed(mode);
        done(std::move(kept));
    });
}

void Control::changed(Mode mode)
{
    if (std::exchange(mode_, mode) == mode)
        return;
    changed_at_ = now_rfc3339();
    log_message("agent", "AI control", {{"mode", text(mode)}});
    if (on_changed)
        on_changed();
}

} // namespace panto::agent
