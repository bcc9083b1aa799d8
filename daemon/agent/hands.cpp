// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/agent/hands.h"

namespace panto::agent
{

namespace
{

using namespace std::chrono_literals;

constexpr auto kCoolDown = 2s; // Source: the NanoKVM server's rules of delivery
constexpr auto kMoved = 1s;    // so long the input stays with who moved the pointer: hid::Input
constexpr auto kLimit = 30s;   // of one deed, whatever the computer does
constexpr size_t kAhead = 4;   // reports on their way: enough that the computer never has to wait
constexpr auto kLook = 5ms;    // for room

Error person_at_work(std::chrono::milliseconds more)
{
    return {Kind::Busy, "a person is at work; try again in " +
                            std::to_string(std::chrono::ceil<std::chrono::seconds>(more).count()) +
                            " s"};
}

} // namespace

Hands::Hands(hid::Input &input, hid::Cable cable, Clock clock)
    : input_{input}, cable_{std::move(cable)}, clock_{std::move(clock)}
{
}

std::optional<Error> Hands::refusal(const std::deque<Step> &steps) const
{
    if (done_)
        return Error{Kind::Busy, "another tool is at work; try again when it has answered"};
    const auto since = clock_() - input_.person_acted();
    if (since < kCoolDown)
        return person_at_work(std::chrono::ceil<std::chrono::milliseconds>(kCoolDown - since));
    for (const Step &step : steps)
        for (const auto &report : step.reports)
            if (auto ready = cable_.ready(report.size()); !ready)
                return std::move(ready.error());
    return std::nullopt;
}

uint64_t Hands::perform(std::deque<Step> steps, Done<> done)
{
    if (auto refused = refusal(steps)) {
        done(std::move(*refused));
        return 0;
    }
    const uint64_t deed = ++deed_;
    steps_ = std::move(steps);
    total_ = steps_.size();
    lost_ = cable_.lost();
    due_ = clock_();
    end_ = due_ + kLimit;
    done_ = std::move(done);
    // A deed is a timer of ours: while this process lives, what is held will be let go.
    client_ = input_.attach(
        "an AI agent", [] { return true; }, hid::Rank::Machine);
    next();
    return deed;
}

void Hands::next()
{
    const Time now = clock_();
    const bool begun = steps_.size() < total_;
    if (begun && !steps_.empty() && !input_.owned_by(*client_))
        return finish(stopped(Kind::Busy, "a person has taken over"));
    const size_t waiting = cable_.waiting(); // first: what waits no more may be lost
    if (cable_.lost() != lost_)
        return finish(stopped(Kind::Unavailable, "the computer took not all of the keys"));
    if (steps_.empty() && waiting == 0)
        return finish(ok);
    if (now >= end_)
        return finish(stopped(Kind::Timeout, "the computer takes no more input"));
    if (steps_.empty() || waiting >= kAhead)
        return look_again(kLook);
    if (now < due_)
        return look_again(std::chrono::ceil<std::chrono::milliseconds>(due_ - now));
    const Step step = steps_.front();
    for (const auto &report : step.reports)
        if (auto sent = client_->report(report); !sent)
            return finish(begun ? stopped(Kind::Busy, "a person has taken over")
                                : person_at_work(kMoved));
    steps_.pop_front();
    due_ += step.then;
    look_again(std::max(std::chrono::ceil<std::chrono::milliseconds>(due_ - now), 0ms));
}

void Hands::look_again(std::chrono::milliseconds later)
{
    timer_ = after(later, [this] { next(); });
}

Error Hands::stopped(Kind kind, const std::string &why) const
{
    return {kind, why + ", after " + std::to_string(total_ - steps_.size()) + " of " +
                      std::to_string(total_) + " steps"};
}

void Hands::cancel(const std::string &why)
{
    if (done_)
        finish(stopped(Kind::Unavailable, why));
}

void Hands::cancel(uint64_t deed, const std::string &why)
{
    if (deed == deed_)
        cancel(why);
}

void Hands::finish(Result<> result)
{
    timer_ = {};
    client_.reset();
    steps_.clear();
    if (auto done = std::exchange(done_, nullptr))
        done(std::move(result));
}

} // namespace panto::agent
