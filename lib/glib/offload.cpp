// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/glib/offload.h"

#include <condition_variable>
#include <mutex>

namespace panto
{

namespace
{

constexpr int kThreads = 4;

std::mutex mutex;
std::condition_variable idle;
unsigned pending = 0;

GThreadPool *workers()
{
    static GThreadPool *pool = g_thread_pool_new(
        [](gpointer p, gpointer) {
            auto *work = static_cast<std::function<void()> *>(p);
            (*work)();
            delete work;
            std::lock_guard lock{mutex};
            if (--pending == 0)
                idle.notify_all();
        },
        nullptr, kThreads, FALSE, nullptr);
    return pool;
}

} // namespace

void offload(std::function<void()> work)
{
    {
        std::lock_guard lock{mutex};
        ++pending;
    }
    g_thread_pool_push(workers(), new std::function<void()>{std::move(work)}, nullptr);
}

bool offload_drain(std::chrono::milliseconds limit)
{
    std::unique_lock lock{mutex};
    return idle.wait_for(lock, limit, [] { return pending == 0; });
}

} // namespace panto
