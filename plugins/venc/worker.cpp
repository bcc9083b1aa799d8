// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/venc/worker.h"

#include <thread>
#include <utility>

namespace panto::venc
{

struct Worker::Shared {
    std::unique_ptr<Session> session; // the thread's own
    std::mutex mutex;
    std::condition_variable changed;
    // Guarded by the mutex.
    Job job;
    bool busy = false;
    bool ending = false;
    bool ended = false;
};

Worker::Worker(std::unique_ptr<Session> session, std::chrono::milliseconds closing)
    : shared_{std::make_shared<Shared>()}, closing_{closing}
{
    shared_->session = std::move(session);
    // Detached from the start: what hangs in a driver cannot be waited for.
    std::thread{work, shared_}.detach();
}

Worker::~Worker()
{
    std::unique_lock lock{shared_->mutex};
    shared_->ending = true;
    shared_->changed.notify_all();
    if (!shared_->busy)
        shared_->changed.wait_for(lock, closing_, [this] { return shared_->ended; });
}

bool Worker::run(Job job, std::chrono::milliseconds limit)
{
    std::unique_lock lock{shared_->mutex};
    if (shared_->busy)
        return false;
    shared_->job = std::move(job);
    shared_->busy = true;
    shared_->changed.notify_all();
    return shared_->changed.wait_for(lock, limit, [this] { return !shared_->busy; });
}

void Worker::work(const std::shared_ptr<Shared> &shared)
{
    std::unique_lock lock{shared->mutex};
    for (;;) {
        shared->changed.wait(lock, [&] { return shared->job || shared->ending; });
        if (!shared->job)
            break;
        auto job = std::exchange(shared->job, nullptr);
        lock.unlock();
        job(*shared->session);
        job = nullptr; // what it owned goes before anybody learns that it is done
        lock.lock();
        shared->busy = false;
        shared->changed.notify_all();
    }
    lock.unlock();
    shared->session.reset();
    lock.lock();
    shared->ended = true;
    shared->changed.notify_all();
}

} // namespace panto::venc
