// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/media/tap.h"
#include "lib/base/owned.h"
#include "lib/glib/loop_thread.h"

#include <deque>
#include <functional>
#include <memory>
#include <mutex>

namespace panto::media
{

/// Relay: carries samples from the streaming thread to the main loop, or to another thread's, a
/// bounded number at a time.
///
/// Drops    when that loop is late by more than `limit` samples all of them but the newest; the
///          next delivery says how many were lost
/// Threads  receiver() gives what runs on the streaming thread; deliver runs on the loop. It dies
///          on the main loop, where that is the loop; elsewhere a last delivery may still come
class Relay : public std::enable_shared_from_this<Relay>
{
public:
    using Deliver = std::function<void(GstSample *sample, size_t lost)>;

    /// `where` is the context of the loop; the main loop's by default.
    static std::shared_ptr<Relay> create(size_t limit, Deliver deliver,
                                         GMainContext *where = nullptr)
    {
        return std::shared_ptr<Relay>{new Relay{limit, std::move(deliver), where}};
    }

    Tap::Receive receiver()
    {
        return [weak = weak_from_this()](GstSample *sample) {
            if (auto self = weak.lock())
                self->receive(sample);
        };
    }

private:
    Relay(size_t limit, Deliver deliver, GMainContext *where)
        : limit_{limit}, deliver_{std::move(deliver)}, where_{where ? g_main_context_ref(where)
                                                                    : nullptr}
    {
    }

    void receive(GstSample *sample)
    {
        std::lock_guard lock{mutex_};
        if (waiting_.size() >= limit_) {
            lost_ += waiting_.size();
            waiting_.clear();
        }
        waiting_.push_back(Ref<GstSample>::share(sample));
        if (std::exchange(posted_, true))
            return;
        post_to(where_.get(), [weak = weak_from_this()] {
            if (auto self = weak.lock())
                self->drain();
        });
    }

    void drain()
    {
        std::deque<Ref<GstSample>> samples;
        size_t lost = 0;
        {
            std::lock_guard lock{mutex_};
            samples.swap(waiting_);
            lost = std::exchange(lost_, 0);
            posted_ = false;
        }
        for (const auto &sample : samples)
            deliver_(sample.get(), std::exchange(lost, 0));
    }

    size_t limit_;
    Deliver deliver_;
    Owned<GMainContext, g_main_context_unref> where_; // null: the main loop's
    std::mutex mutex_;
    std::deque<Ref<GstSample>> waiting_;
    size_t lost_ = 0;
    bool posted_ = false;
};

} // namespace panto::media
