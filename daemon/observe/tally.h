// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/glib/source.h"

#include <map>
#include <string>

namespace panto::observe
{

/// Tally: many lines in few. The first of each reason is said at once; of those that follow within
/// a second only their number, when it is over or the Tally dies.
///
/// Drops    which reasons they were beyond eight in a second: those count as "other reasons"
/// Threads  main loop only
class Tally
{
public:
    /// `more` is 0 for one that is said at once, else how many were not said since.
    using Say = std::function<void(const std::string &why, size_t more)>;

    explicit Tally(Say say) : say_{std::move(say)} {}
    ~Tally() { say_rest(); }
    Tally(const Tally &) = delete;
    Tally &operator=(const Tally &) = delete;

    void add(const std::string &why);

private:
    void begin_second();
    void say_rest();

    Say say_;
    std::map<std::string, size_t> unsaid_; // of the reasons that were said
    Source end_;
};

} // namespace panto::observe
