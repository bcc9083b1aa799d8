// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/done.h"
#include "lib/glib/source.h"

#include <cstdint>
#include <memory>

namespace panto
{

/// What calls done() once: with what it is called with within the limit, else with `late`; whatever
/// comes then is dropped. The limit begins anew as long as `progress` gives another number each
/// time.
///
/// Threads  main loop only
template <class T>
Done<T> within(std::chrono::milliseconds limit, const Error &late, Done<T> done,
               std::function<uint64_t()> progress = nullptr)
{
    struct Waiting {
        Done<T> done;
        uint64_t seen = 0;
        Source end{};
        void tell(Result<T> r)
        {
            end = {};
            if (const auto whom = std::exchange(done, nullptr))
                whom(std::move(r));
        }
    };
    const auto waiting =
        std::make_shared<Waiting>(Waiting{std::move(done), progress ? progress() : 0});
    waiting->end =
        every(limit, [weak = std::weak_ptr{waiting}, late, progress = std::move(progress)] {
            const auto mine = weak.lock();
            if (mine && (!progress || std::exchange(mine->seen, progress()) == mine->seen))
                mine->tell(late);
        });
    return [waiting](Result<T> r) { waiting->tell(std::move(r)); };
}

} // namespace panto
