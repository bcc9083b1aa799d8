// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/clock.h"

#include <map>
#include <string>

namespace panto::observe
{

/// News: tells what was just said from what is new, for callers that try again and again.
///
/// Drops    the same words within a minute
/// Threads  one at a time
class News
{
public:
    explicit News(Clock clock = steady_now) : clock_{std::move(clock)} {}

    bool is(const std::string &words)
    {
        const Time now = clock_();
        std::erase_if(said_, [now](const auto &s) { return now - s.second >= kRemembered; });
        return said_.emplace(words, now).second;
    }

private:
    static constexpr auto kRemembered = std::chrono::minutes{1};

    Clock clock_;
    std::map<std::string, Time> said_;
};

} // namespace panto::observe
