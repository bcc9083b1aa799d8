// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/glib/source.h"

#include <pthread.h>
#include <thread>

namespace panto
{

/// LoopThread: a thread that does nothing but run a main context of its own.
///
/// Threads  post() on any; what is posted runs on this one, where after(), every() and attach()
///          stay. Its end waits for the call that runs, and drops those that wait.
class LoopThread
{
public:
    /// A name of at most 15 characters.
    explicit LoopThread(const char *name)
        : context_{g_main_context_new()}, loop_{g_main_loop_new(context_, FALSE)}, thread_{[this,
                                                                                            name] {
              pthread_setname_np(pthread_self(), name);
              g_main_context_push_thread_default(context_);
              g_main_loop_run(loop_);
              g_main_context_pop_thread_default(context_);
          }}
    {
    }
    ~LoopThread()
    {
        post([this] { g_main_loop_quit(loop_); }); // from inside: it may not run yet
        thread_.join();
        g_main_loop_unref(loop_);
        g_main_context_unref(context_);
    }
    LoopThread(const LoopThread &) = delete;
    LoopThread &operator=(const LoopThread &) = delete;

    void post(std::function<void()> fn) const { post_to(context_, std::move(fn)); }
    GMainContext *context() const { return context_; }

private:
    GMainContext *context_;
    GMainLoop *loop_;
    std::thread thread_;
};

} // namespace panto
