// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/gst/ref.h"

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace panto::media
{

/// Tap: hands each sample of a pipeline to everyone who asked for it, without a copy.
///
/// Threads  subscribe() and its end on any thread; push() on the streaming thread, which runs the
///          receivers: they may not block. A receiver may get one more sample while its
///          Subscription dies, so it holds what it needs itself.
class Tap
{
public:
    using Receive = std::function<void(GstSample *)>;

    /// Ends the delivery when it dies.
    class Subscription
    {
    public:
        Subscription() = default;
        explicit Subscription(std::shared_ptr<Receive> receive) : receive_{std::move(receive)} {}
        explicit operator bool() const { return receive_ != nullptr; }

    private:
        std::shared_ptr<Receive> receive_; // the Tap holds it weakly
    };

    Subscription subscribe(Receive receive)
    {
        auto shared = std::make_shared<Receive>(std::move(receive));
        std::lock_guard lock{mutex_};
        receivers_.push_back(shared);
        return Subscription{std::move(shared)};
    }

    /// Whether anybody listens.
    bool wanted() { return !live().empty(); }

    void push(GstSample *sample)
    {
        for (const auto &receive : live())
            (*receive)(sample);
    }

private:
    std::vector<std::shared_ptr<Receive>> live()
    {
        std::vector<std::shared_ptr<Receive>> out;
        std::lock_guard lock{mutex_};
        std::erase_if(receivers_, [&](const auto &weak) {
            auto strong = weak.lock();
            if (strong)
                out.push_back(std::move(strong));
            return weak.expired();
        });
        return out;
    }

    std::mutex mutex_;
    std::vector<std::weak_ptr<Receive>> receivers_;
};

/// Latest: the last sample that one thread leaves for another.
///
/// Threads  any
class Latest
{
public:
    void set(GstSample *sample)
    {
        std::lock_guard lock{mutex_};
        sample_ = Ref<GstSample>::share(sample);
    }
    /// Null before the first.
    Ref<GstSample> get()
    {
        std::lock_guard lock{mutex_};
        return sample_;
    }

private:
    std::mutex mutex_;
    Ref<GstSample> sample_;
};

} // namespace panto::media
