// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/glib/offload.h"
#include "lib/glib/within.h"

#include <future>
#include <optional>

namespace panto
{

/// How long somebody waits for a disk that may be another machine's, or dying.
inline constexpr std::chrono::seconds kDiskPatience{30};
/// How many may wait for a thread of its lane before others are sent away at once.
inline constexpr unsigned kMostAtDisk = 64;

/// How long a start waits for it, and the doctor.
inline constexpr std::chrono::seconds kDiskGlance{5};

inline Error disk_is_silent()
{
    return {Kind::Unavailable,
            "the disk does not answer: see that it, or the server that it lies on, is there"};
}

/// Runs work(), which gives a Result, on a disk's lane, and done(result) on the main loop. Says
/// that the disk is silent after kDiskPatience without progress, when the result is dropped, or at
/// once when too many wait already.
///
/// Threads  main loop only
template <class Work, class Then>
void ask_disk(Lane lane, Work work, Then done, std::function<uint64_t()> progress = nullptr)
{
    std::function<void(decltype(work()))> whom{std::move(done)};
    if (offload_waiting(lane) >= kMostAtDisk)
        return whom(disk_is_silent());
    offload(lane, std::move(work),
            within(kDiskPatience, disk_is_silent(), std::move(whom), std::move(progress)));
}

/// What work() gives on a disk's lane; nothing when it takes longer than kDiskGlance, or too many
/// wait already.
///
/// Threads  any that the lane does not need, which it blocks
template <class Work>
auto glance_at_disk(Lane lane, Work work)
{
    using Answer = decltype(work());
    if (offload_waiting(lane) >= kMostAtDisk)
        return std::optional<Answer>{};
    const auto answer = std::make_shared<std::promise<Answer>>();
    auto told = answer->get_future();
    offload(lane, [work = std::move(work), answer] { answer->set_value(work()); });
    return told.wait_for(kDiskGlance) == std::future_status::ready
               ? std::optional<Answer>{told.get()}
               : std::nullopt;
}

} // namespace panto
