// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/edid/way.h"

#include "lib/glib/source.h"

#include <utility>

namespace panto::edid
{

namespace
{

using namespace std::chrono_literals;

constexpr int kTries = 30;
constexpr auto kRetry = 100ms; // while a viewer's picture stands still

} // namespace

void Way::get(Work work, Done<> done)
{
    attempt(std::make_shared<Turn>(Turn{std::move(work), std::move(done), {}, kTries}));
}

void Way::attempt(const std::shared_ptr<Turn> &turn)
{
    turn->work([weak = self_.weak(), turn](Result<> done) {
        Way *self = alive(weak);
        if (!self)
            return;
        if (!done && done.error().kind == Kind::Busy) {
            if (!turn->held && self->make)
                turn->held = self->make();
            if (turn->held && turn->tries_left-- > 0)
                return after(kRetry,
                             [weak, turn] {
                                 if (Way *later = alive(weak))
                                     later->attempt(turn);
                             })
                    .detach();
        }
        turn->held.reset();
        turn->done(std::move(done));
    });
}

} // namespace panto::edid
