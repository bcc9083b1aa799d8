// SPDX-License-Identifier: LGPL-2.1-or-later
/// Any body posted to the MCP endpoint: answered once, with JSON or nothing, and nothing stays
/// pressed.
#include "daemon/agent/mcp.h"

#include <glib.h>

using namespace panto;

namespace
{

/// What the computer sees held.
struct Held {
    uint8_t keyboard = 0, relative = 0, absolute = 0;

    void see(std::span<const uint8_t> report)
    {
        if (report.size() != 8) {
            (report.size() == 4 ? relative : absolute) = report[0];
            return;
        }
        keyboard = 0;
        for (const uint8_t byte : report)
            keyboard |= byte;
    }
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Held held;
    hid::Input input{[&](std::span<const uint8_t> report) { held.see(report); }};
    agent::Hands hands{input};
    agent::Tools tools{
        hands,
        {[](unsigned quality, std::chrono::milliseconds limit, Done<std::string> done) {
             g_assert(quality >= 1 && quality <= 100);
             g_assert(limit.count() >= 0 && limit.count() <= 30000);
             done(std::string{"no JPEG"});
             return agent::Tools::Cancel{};
         },
         [] { return std::string{"{}"}; }}};
    agent::Mcp mcp{tools};
    int answers = 0;
    mcp.answer({reinterpret_cast<const char *>(data), size}, "", [&](agent::Mcp::Answer answer) {
        ++answers;
        g_assert(answer.status == 202 ? answer.body.empty() : bool(json::parse(answer.body)));
    });
    hands.cancel("the input is over");
    g_assert(answers == 1);
    g_assert(!held.keyboard && !held.relative && !held.absolute);
    return 0;
}
