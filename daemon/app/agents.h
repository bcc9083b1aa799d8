// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/agent/control.h"
#include "daemon/agent/hands.h"
#include "daemon/agent/mcp.h"
#include "daemon/auth/api_key.h"
#include "daemon/control/board.h"
#include "daemon/media/snapshots.h"
#include "daemon/state/notes.h"

namespace panto::app
{

/// Agents: what lets programs act on the computer, put together.
struct Agents {
    static constexpr char kModeNote[] = "ai-control.mode";
    static constexpr char kKeyNote[] = "mcp.json";                   ///< a secret
    static constexpr char kTokenNote[] = ".picoclaw_internal_token"; ///< a secret

    Agents(state::Notes &notes, hid::Input &input, const hid::Cable &cable,
           const control::Board &board, media::Snapshots &snapshots);

    agent::Control control;
    auth::ApiKey key;
    agent::Hands hands;
    agent::Tools tools;
    agent::Mcp mcp{tools};
};

} // namespace panto::app
