// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/agent/tools.h"

#include <functional>
#include <string>

namespace panto::agent
{

/// Mcp: answers the Model Context Protocol's messages, each by itself: there are no sessions and no
/// streams, so a client may come and go as it likes.
///
/// Errors   JSON-RPC's numbers; a tool that could not do its work says so in its result
/// Drops    what a message holds never gets into the log, but the tool's name
/// Source   modelcontextprotocol.io, the specifications of 2024-11-05 to 2025-06-18; JSON-RPC 2.0
/// Threads  main loop only
class Mcp
{
public:
    struct Answer {
        unsigned status; ///< HTTP's; 202 without a body for what needs no answer
        std::string body;
    };
    using Answered = std::function<void(Answer)>;
    /// Has a function called if nobody waits for the answer any more.
    using IfGone = std::function<void(std::function<void()>)>;

    explicit Mcp(Tools &tools) : tools_{tools} {}

    /// body: what was posted; version: the MCP-Protocol-Version header, or "".
    /// A tool that nobody waits for any more ends at once.
    void answer(const std::string &body, const std::string &version, Answered done,
                const IfGone &if_gone = nullptr);

private:
    void call_tool(const json::Value &id, JsonObject *params, Answered done, const IfGone &if_gone);

    Tools &tools_;
};

} // namespace panto::agent
