// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/alive.h"

#include <deque>
#include <functional>
#include <string>

namespace panto::auth
{

/// Verifier: compares passwords with hashes on another thread, one at a time and in turn, so that
/// guessing takes one core at most and nobody is counted as failed after he was locked out.
///
/// Drops    comparisons beyond kMostWaiting
/// Threads  main loop only; the comparison itself runs on a worker
class Verifier
{
public:
    static constexpr size_t kMostWaiting = 32;

    struct Comparison {
        std::string password;
        std::string hashed;
        /// Asked when the turn comes; false: not worth comparing any more.
        std::function<bool()> is_wanted;
        /// Whether they match. Not called when is_wanted said no.
        std::function<void(bool match)> done;
    };

    /// False when too many wait already; then nothing is called.
    bool compare(Comparison comparison);

private:
    void next();

    std::deque<Comparison> waiting_;
    bool busy_ = false;
    Self<Verifier> self_{this};
};

} // namespace panto::auth
