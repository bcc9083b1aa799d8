// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/app/agents.h"

#include "daemon/api/rest/mjpeg.h"
#include "daemon/auth/bytes.h"
#include "daemon/observe/log.h"

namespace panto::app
{

namespace
{

constexpr size_t kTokenBytes = 64;

} // namespace

Agents::Agents(state::Notes &notes, hid::Input &input, const hid::Cable &cable,
               const control::Board &board)
    : control{notes.text(kModeNote),
              [&notes](const std::string &mode, Done<> done) {
                  notes.write(kModeNote, mode, std::move(done));
              }},
      key{"nag_mcp_", notes.read(kKeyNote),
          [&notes](const std::string &text, Done<> done) {
              notes.write(kKeyNote, text, std::move(done));
          }},
      hands{input, cable}, tools{hands,
                                 {[this](std::chrono::milliseconds limit, Done<std::string> done) {
                                      look(limit, std::move(done));
                                  },
                                  [&board] { return board.read("capture-status"); }}}
{
    // For programs of this machine: whoever may read our files may ask what is for those.
    if (const auto token = notes.read(kTokenNote); !token && token.error().kind == Kind::NotFound)
        notes.write(kTokenNote, auth::base64url(auth::random_bytes(kTokenBytes)),
                    [](Result<> kept) {
                        if (!kept)
                            log_warning("agent", "no token for programs of this machine",
                                        {{"why", kept.error().message}});
                    });
    control.on_changed = [this] { hands.cancel("AI control was switched over"); };
    key.on_changed = [this] { hands.cancel("the MCP key was replaced"); };
}

void Agents::look(std::chrono::milliseconds limit, Done<std::string> done)
{
    if (const auto pictures = mjpeg.lock())
        pictures->snapshot(limit, std::move(done));
    else
        done(Error{Kind::Unavailable, "nothing here makes JPEG pictures"});
}

} // namespace panto::app
