// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/edid/way.h"

#include <utility>

namespace panto::edid
{

namespace
{

using namespace std::chrono_literals;

constexpr size_t kMostTurns = 9; // with the one under way
constexpr int kTries = 30;
constexpr auto kRetry = 100ms; // while a viewer's picture stands still

} // namespace

void Way::get(Work work, Done<> done)
{
    if (turns_.size() == kMostTurns)
        return done(Error{Kind::Busy, "too many EDIDs wait to be set: try again in a few seconds"});
    turns_.push_back({std::move(work), std::move(done), {}, kTries});
    if (turns_.size() == 1)
        attempt();
}

void Way::attempt()
{
    turns_.front().work([weak = self_.weak()](Result<> result) {
        if (Way *self = alive(weak))
            self->ended(std::move(result));
    });
}

void Way::ended(Result<> result)
{
    Turn &turn = turns_.front();
    if (!result && result.error().kind == Kind::Busy) {
        if (!turn.held && make)
            turn.held = make();
        if (turn.held && turn.tries_left-- > 0) {
            retry_ = after(kRetry, [this] { attempt(); });
            return;
        }
    }
    const Done<> done = std::move(turn.done);
    turns_.pop_front(); // and lets the capture go on
    if (!turns_.empty())
        attempt();
    done(std::move(result));
}

} // namespace panto::edid
