// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/auth/verifier.h"

#include "daemon/auth/password.h"
#include "lib/glib/offload.h"

namespace panto::auth
{

bool Verifier::compare(Comparison comparison)
{
    if (waiting_.size() >= kMostWaiting)
        return false;
    waiting_.push_back(std::move(comparison));
    next();
    return true;
}

void Verifier::next()
{
    const auto weak = self_.weak();
    while (alive(weak) && !busy_ && !waiting_.empty()) {
        Comparison c = std::move(waiting_.front());
        waiting_.pop_front();
        if (!c.is_wanted())
            continue;
        busy_ = true;
        offload([password = std::move(c.password),
                 hashed = std::move(c.hashed)] { return password_matches(password, hashed); },
                [weak, done = std::move(c.done)](bool match) {
                    if (alive(weak))
                        done(match);
                    if (auto *self = alive(weak)) { // done may have ended us
                        self->busy_ = false;
                        self->next();
                    }
                });
    }
}

} // namespace panto::auth
