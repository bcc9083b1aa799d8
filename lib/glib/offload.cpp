// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/glib/offload.h"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <mutex>
#include <sys/resource.h>
#include <unistd.h>

namespace panto
{

namespace
{

/// By lane. A drive waits for one server, and the gadget and each of its drives for the kernel.
/// Four uploads may hash for minutes.
constexpr std::array kThreads{4, 8, 16, 4, 8, 4};

std::mutex mutex;
std::condition_variable idle;
unsigned pending = 0;
unsigned behind = 0;
constexpr int kNicer = 10; // a tenth of the time of those who work beside it

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
    static const auto pools = [] {
        std::array<GThreadPool *, kThreads.size()> made;
        std::transform(kThreads.begin(), kThreads.end(), made.begin(), new_pool);
        return made;
    }();
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

unsigned offload_waiting(Lane lane)
{
    return g_thread_pool_unprocessed(workers(lane));
}

void offload_behind(std::function<void()> work)
{
    {
        std::lock_guard lock{mutex};
        ++behind;
    }
    GThread *thread = g_thread_new(
        "behind",
        [](gpointer p) -> gpointer {
            auto *mine = static_cast<std::function<void()> *>(p);
            const auto self = id_t(gettid()); // Linux: of this thread alone
            setpriority(PRIO_PROCESS, self, getpriority(PRIO_PROCESS, self) + kNicer);
            (*mine)();
            delete mine;
            std::lock_guard lock{mutex};
            --behind;
            return nullptr;
        },
        new std::function<void()>{std::move(work)});
    g_thread_unref(thread);
}

bool offload_drain(std::chrono::milliseconds limit)
{
    std::unique_lock lock{mutex};
    return idle.wait_for(lock, limit, [] { return pending == 0; }) && behind == 0;
}

} // namespace panto
