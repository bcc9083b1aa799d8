// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/glib/source.h"

#include <chrono>
#include <concepts>
#include <functional>
#include <utility>

namespace panto
{

/// What offloaded work may wait for. Each has worker threads of its own, so that one that is stuck
/// delays no other.
enum class Lane {
    Files,   ///< our own disk, and hashing
    Network, ///< another machine's answer
    Devices, ///< the kernel's USB gadget with its drives, and processes that hold devices
    Media,   ///< pipelines that end, and the capture's driver
    Images,  ///< the disk of the images, which may be another machine's: see ask_disk()
    Films,   ///< that of the recordings
};

/// Runs work on one of a lane's few worker threads.
void offload(Lane lane, std::function<void()> work);
/// How much work waits for a thread of the lane.
unsigned offload_waiting(Lane lane);
/// Runs work that nobody waits for yet behind all else, in a thread of its own.
void offload_behind(std::function<void()> work);
/// Waits until all offloaded work is done, but for what runs behind, or the time is up. False when
/// some still runs: the process must then end without the ends of its static objects.
bool offload_drain(std::chrono::milliseconds limit);

/// Runs work on a worker thread and done(result) on the main loop.
template <class Work, class Then>
void offload(Lane lane, Work work, Then done)
{
    offload(lane, [work = std::move(work), done = std::move(done)]() mutable {
        post([result = work(), done = std::move(done)]() mutable { done(std::move(result)); });
    });
}

/// On disk or processor, as most do.
template <std::invocable Work>
void offload(Work work)
{
    offload(Lane::Files, std::function<void()>{std::move(work)});
}
template <std::invocable Work, class Then>
void offload(Work work, Then done)
{
    offload(Lane::Files, std::move(work), std::move(done));
}

} // namespace panto
