// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/observe/tally.h"

namespace panto::observe
{

namespace
{

constexpr size_t kMostReasons = 8;
constexpr char kOther[] = "other reasons";

} // namespace

void Tally::add(const std::string &why)
{
    const bool one_of_many = unsaid_.size() >= kMostReasons && !unsaid_.contains(why);
    const auto [reason, fresh] = unsaid_.try_emplace(one_of_many ? kOther : why, 0);
    if (fresh && !one_of_many)
        say_(why, 0);
    else
        ++reason->second;
    if (!end_)
        begin_second();
}

void Tally::begin_second()
{
    end_ = after(std::chrono::seconds{1}, [this] {
        end_ = {};
        say_rest();
        if (!unsaid_.empty())
            begin_second();
    });
}

/// Those that went on stay known: they are said again only in numbers.
void Tally::say_rest()
{
    for (auto reason = unsaid_.begin(); reason != unsaid_.end();) {
        const size_t more = std::exchange(reason->second, 0);
        if (more > 0)
            say_(reason->first, more);
        reason = more > 0 ? std::next(reason) : unsaid_.erase(reason);
    }
}

} // namespace panto::observe
