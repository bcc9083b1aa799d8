// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/kvmsrc/refusals.h"

#include <algorithm>

namespace panto::kvm
{

bool Refusals::has(const Asked &asked) const
{
    return std::count(refused_.begin(), refused_.end(), asked) > 0;
}

std::chrono::milliseconds Refusals::add(const Asked &asked, const Error &error)
{
    const bool format = error.kind == Kind::Conflict; // it runs, but not so
    if (format && !has(asked)) {
        refused_.push_back(asked);
        return {};
    }
    shown_ = {.state = format ? State::OutOfRange : State::Stalled, .problem = error.message};
    return std::exchange(wait_, std::min(2 * wait_, kMost));
}

void Refusals::settle()
{
    wait_ = kFirst;
    shown_ = {.state = State::Stalled};
}

Signal Refusals::shown() const
{
    return shown_;
}

} // namespace panto::kvm
