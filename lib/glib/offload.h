// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/glib/source.h"

#include <chrono>
#include <functional>
#include <utility>

namespace panto
{

/// Runs work on one of a few worker threads: for what may block (disk, hashing, going to NULL).
void offload(std::function<void()> work);
/// Waits until all offloaded work is done, or the time is up; false when it is up.
bool offload_drain(std::chrono::milliseconds limit);

/// Runs work on a worker thread and done(result) on the main loop.
template <class Work, class Then>
void offload(Work work, Then done)
{
    offload([work = std::move(work), done = std::move(done)]() mutable {
        post([result = work(), done = std::move(done)]() mutable { done(std::move(result)); });
    });
}

} // namespace panto
