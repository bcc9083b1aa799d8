// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/webrtc/rate.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace panto::webrtc
{

namespace
{

using namespace std::chrono_literals;

constexpr unsigned kFloor = 100;  // kbit/s; below that no picture of a screen can be read
constexpr unsigned kEnough = 10;  // packets that a share must be of to say something
constexpr double kMuchLost = 0.1; // what sending again does not make up for without a delay
constexpr double kLittleLost = 0.02;
constexpr auto kQueue = 150ms;    // by which packets come later while a queue fills on the way...
constexpr auto kMuch = 400ms;     // ...and not because a machine was busy for a moment
constexpr auto kDrift = 2ms;      // a report
constexpr double kMargin = 0.85;  // of what arrived: lets the queue on the way run empty
constexpr auto kRest = 3s;        // without growing after trouble
constexpr auto kAgain = 300s;     // trouble that soon after the last is the same
constexpr double kProven = 1.15;  // a second, while so much is sent
constexpr double kGuessed = 1.03; // a second, while less is, and where it failed
constexpr double kBeyond = 1.2;   // of where it failed: the way has become a better one
constexpr double kMostPatience = 4;

// Of the full stream's rate: who bears less than the first leaves it, who bears the second returns.
constexpr double kLeaves = 0.6, kReturns = 0.85;

} // namespace

void Rate::take(const Sample &s, Time now)
{
    if (s.overdue > 0ms) // another way may be longer for good
        shortest_ = std::min(shortest_.value_or(s.overdue) + kDrift, s.overdue);
    // Packets that left before the last change tell what led to it once more.
    if (shrunk_ && s.first <= *shrunk_) {
        last_ = now;
        return;
    }
    if (std::string why = trouble(s); !why.empty()) {
        reason_ = std::move(why);
        shrink(s, now);
    } else {
        grow(s, now);
    }
    last_ = now;
}

std::string Rate::trouble(const Sample &s)
{
    const auto usual = shortest_.value_or(0ms);
    const bool before = std::exchange(queued_, s.overdue > std::max(usual + kQueue, 2 * usual));
    if (s.packets >= kEnough && s.lost > kMuchLost)
        return std::to_string(std::lround(s.lost * 100)) + " % of the packets got lost";
    if (queued_ && (before || s.overdue > usual + kMuch))
        return "packets take " + std::to_string(s.overdue.count()) + " ms and more to arrive";
    return {};
}

void Rate::shrink(const Sample &s, Time now)
{
    if (shrunk_ && now - *shrunk_ < kAgain && now - *shrunk_ > kRest)
        patience_ = std::min(patience_ * 2, kMostPatience);
    shrunk_ = now;
    if (s.packets == 0) { // a short break tells nothing of what arrives else
        kbps_ /= 2;
    } else if (s.sent_kbps < kbps_ / 2) { // little was sent, which tells little, too
        kbps_ *= kMargin;
    } else {
        failed_ = s.arrived_kbps;
        kbps_ = std::min<double>(kbps_, failed_) * kMargin;
    }
    kbps_ = std::max<double>(kbps_, kFloor);
}

void Rate::grow(const Sample &s, Time now)
{
    if (kbps_ >= ceiling_ || s.lost > kLittleLost || !last_ || (shrunk_ && now - *shrunk_ < kRest))
        return;
    const double seconds = std::min(std::chrono::duration<double>{now - *last_}.count(), 5.0);
    const bool proven = s.sent_kbps >= kbps_ / 2;
    const bool beyond = kbps_ > failed_ * kBeyond;
    if (proven && beyond)
        patience_ = 1;
    const double per_second = proven && beyond ? kProven : 1 + (kGuessed - 1) / patience_;
    kbps_ = std::min<double>(kbps_ * std::pow(per_second, seconds), ceiling_);
    if (kbps_ >= ceiling_)
        reason_.clear();
}

void Rate::ceiling(unsigned kbps)
{
    const bool all = kbps_ >= ceiling_;
    ceiling_ = kbps;
    kbps_ = all ? kbps : std::min<double>(kbps_, kbps);
    if (kbps_ >= ceiling_)
        reason_.clear();
}

Plan plan(const std::vector<Watching> &viewers, bool others, unsigned full_ceiling,
          unsigned low_ceiling)
{
    Plan out{full_ceiling, low_ceiling, {}};
    if (!others && !viewers.empty())
        out.full_kbps = std::min(
            full_ceiling, std::max_element(viewers.begin(), viewers.end(), [](auto &a, auto &b) {
                              return a.kbps < b.kbps;
                          })->kbps);
    for (const Watching &v : viewers) {
        const double share = double(v.kbps) / out.full_kbps;
        const bool low = share < (v.tier == Tier::Low ? kReturns : kLeaves);
        out.tiers.push_back(low ? Tier::Low : Tier::Full);
        if (low)
            out.low_kbps = std::min(out.low_kbps, v.kbps);
    }
    return out;
}

} // namespace panto::webrtc
