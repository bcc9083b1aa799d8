// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/app/agents.h"

#include "daemon/auth/bytes.h"
#include "daemon/observe/log.h"

namespace panto::app
{

namespace
{

constexpr size_t kTokenBytes = 64;

/// What agents see.
agent::Tools::Screen screen(const control::Board &board, media::Snapshots &snapshots)
{
    const auto picture = [&snapshots](unsigned quality, std::chrono::milliseconds limit,
                                      Done<std::string> done) -> agent::Tools::Cancel {
        media::Shot shot;
        shot.quality = quality;
        const uint64_t number = snapshots.take(shot, limit, std::move(done));
        return [&snapshots, number](const std::string &why) { snapshots.cancel(number, why); };
    };
    return {picture, [&board] { return board.read("capture-status"); }};
}

} // namespace

Agents::Agents(state::Notes &notes, hid::Input &input, const hid::Cable &cable,
               const control::Board &board, media::Snapshots &snapshots)
    : control{notes.text(kModeNote),
              [&notes](const std::string &mode, Done<> done) {
                  notes.write(kModeNote, mode, std::move(done));
              }},
      key{"nag_mcp_", notes.read(kKeyNote),
          [&notes](const std::string &text, Done<> done) {
              notes.write(kKeyNote, text, std::move(done));
          }},
      hands{input, cable}, tools{hands, screen(board, snapshots)}
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

} // namespace panto::app
