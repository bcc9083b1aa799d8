// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/clock.h"

#include <cstddef>
#include <cstdint>

namespace panto::http
{

/// Share: what one connection may bring in one turn of the main loop. libsoup reads from a
/// connection until nothing is left to read; a peer that sends without a pause would keep all
/// others waiting, and a key down whose owner is gone.
///
/// Units    64 KiB or 2 ms, whichever is over first
/// Threads  main loop only
class Share
{
public:
    /// Whether it may read once more before it is the others' turn.
    bool may_read();
    void took(size_t bytes) { bytes_ += bytes; }

private:
    uint64_t turn_ = 0;
    Time began_{};
    size_t bytes_ = 0;
};

} // namespace panto::http
