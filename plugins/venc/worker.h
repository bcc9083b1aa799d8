// SPDX-License-Identifier: LGPL-2.1-or-later
/// Worker: a thread that owns one session, and is left behind when a call into it hangs.
#pragma once

#include "plugins/venc/session.h"

#include <chrono>
#include <condition_variable>

namespace panto::venc
{

/// Threads  one at a time, apart from its own
/// Owner    the session: it is used and ended on the worker's thread, also after a hang
class Worker
{
public:
    using Job = std::function<void(Session &)>;

    /// How long the session may take to end; then it is left behind.
    Worker(std::unique_ptr<Session> session, std::chrono::milliseconds closing);
    ~Worker();
    Worker(const Worker &) = delete;
    Worker &operator=(const Worker &) = delete;

    /// Whether the job has been done within the limit. If not the worker is of no use any more: the
    /// job goes on alone, so it must own what it uses.
    bool run(Job job, std::chrono::milliseconds limit);

private:
    struct Shared;
    static void work(const std::shared_ptr<Shared> &shared);

    const std::shared_ptr<Shared> shared_;
    const std::chrono::milliseconds closing_;
};

} // namespace panto::venc
