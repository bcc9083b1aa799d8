// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/glib/offload.h"

#include <future>
#include <utility>

namespace panto
{

/// All threads of a lane wait, as those do whose disk hangs.
class StuckLane
{
public:
    explicit StuckLane(Lane lane)
    {
        for (int i = 0; i < 20; ++i)
            offload(lane, [until = go_] { until.wait(); });
    }
    ~StuckLane() { go_on(); }
    StuckLane(const StuckLane &) = delete;
    StuckLane &operator=(const StuckLane &) = delete;

    void go_on()
    {
        if (!std::exchange(released_, true))
            stuck_.set_value();
    }

private:
    std::promise<void> stuck_;
    std::shared_future<void> go_ = stuck_.get_future().share();
    bool released_ = false;
};

} // namespace panto
