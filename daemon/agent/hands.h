// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/hid/cable.h"
#include "daemon/hid/input.h"
#include "lib/base/done.h"

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace panto::agent
{

/// Hands: do what a program wishes at keyboard and pointer, one deed at a time, and give way to
/// people: a person's report ends the deed that is under way, and none begins while a person is at
/// work or has just been (docs/decisions/0009). Whatever way a deed ends, all is let go.
///
/// Errors   Busy: a person, or another deed; Timeout: the computer takes no keys; Unavailable:
///          cancelled, or what is sent gets nowhere
/// Threads  main loop only
class Hands
{
public:
    /// Reports that go out together, and how long it is until the next ones do.
    struct Step {
        std::vector<std::vector<uint8_t>> reports;
        std::chrono::milliseconds then{0};
    };

    explicit Hands(hid::Input &input, hid::Cable cable = {}, Clock clock = steady_now);
    ~Hands() { cancel("the service ends"); }

    /// Done when the computer has taken it all. The deed's number; 0: it was refused.
    uint64_t perform(std::deque<Step> steps, Done<> done);
    /// Ends what is under way, if anything is.
    void cancel(const std::string &why);
    /// The same of that deed only.
    void cancel(uint64_t deed, const std::string &why);

private:
    std::optional<Error> refusal(const std::deque<Step> &steps) const;
    void next();
    void look_again(std::chrono::milliseconds later);
    void finish(Result<> result);
    Error stopped(Kind kind, const std::string &why) const;

    hid::Input &input_;
    hid::Cable cable_;
    Clock clock_;
    std::unique_ptr<hid::Input::Client> client_;
    std::deque<Step> steps_;
    uint64_t deed_ = 0; // the last one's number
    size_t total_ = 0;
    uint64_t lost_ = 0; // before they began
    Time due_{};        // when the next step is
    Time end_{};
    Done<> done_;
    Source timer_;
};

} // namespace panto::agent
