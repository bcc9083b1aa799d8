// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/glib/source.h"

#include <chrono>
#include <functional>
#include <memory>

namespace panto::media
{

/// Demand: keeps something running only while somebody uses it, and a little longer, so that the
/// next one need not wait.
///
/// Threads  main loop only
class Demand
{
public:
    /// Held by each user; the last one to let go starts the linger.
    using Use = std::shared_ptr<void>;

    Demand(std::chrono::milliseconds linger, std::function<void()> start,
           std::function<void()> stop)
        : state_{std::make_shared<State>(
              State{linger, std::move(start), std::move(stop), {}, {}, false})}
    {
    }

    Use use()
    {
        if (auto held = state_->held.lock())
            return held;
        state_->lingering = {};
        if (!std::exchange(state_->running, true))
            state_->start();
        Use token{static_cast<void *>(state_.get()), [weak = std::weak_ptr{state_}](void *) {
                      if (auto state = weak.lock())
                          released(*state);
                  }};
        state_->held = token;
        return token;
    }

    /// How many hold a Use.
    long users() const { return state_->held.use_count(); }
    bool wanted() const { return !state_->held.expired(); }
    /// From the next time on that the last one lets go.
    void linger(std::chrono::milliseconds time) { state_->linger = time; }
    /// Whether it was started and not stopped yet.
    bool running() const { return state_->running; }

private:
    struct State {
        std::chrono::milliseconds linger;
        std::function<void()> start, stop;
        std::weak_ptr<void> held;
        Source lingering;
        bool running;
    };

    static void released(State &state)
    {
        state.lingering = after(state.linger, [&state] { // the Source dies with the state
            state.running = false;
            state.stop();
        });
    }

    std::shared_ptr<State> state_;
};

} // namespace panto::media
