// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/glib/offload.h"

#include <array>
#include <condition_variable>
#include <mutex>

namespace panto
{

namespace
{

/// By lane. A drive waits for one server, and the gadget and each of its drives for the kernel.
constexpr std::array kThreads{4, 8, 16, 4};

std::mutex mutex;
std::condition_variable idle;
unsigned pending = 0;

GThreadPool *new_pool(int threads)
{
    return g_thread_pool_new(
        [](gpointer p, gpointer) {
            auto *work = static_cast<std::function<void()> *>(p);
            (*work)();
            delete work;
            std::lock_guard lock{mutex};
            if (--pending == 0)
                idle.notify_all();
        },
        nullptr, threads, FALSE, nullptr);
}

GThreadPool *workers(Lane lane)
{
    static const std::array pools{new_pool(kThreads[0]), new_pool(kThreads[1]),
                                  new_pool(kThreads[2]), new_pool(kThreads[3])};
    return pools.at(size_t(lane));
}

} // namespace

void offload(Lane lane, std::function<void()> work)
{
    {
        std::lock_guard lock{mutex};
        ++pending;
    }
    g_thread_pool_push(workers(lane), new std::function<void()>{std::move(work)}, nullptr);
}

bool offload_drain(std::chrono::milliseconds limit)
{
    std::unique_lock lock{mutex};
    return idle.wait_for(lock, limit, [] { return pending == 0; });
}

} // namespace panto
