// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/webrtc/flight.h"

#include <algorithm>

namespace panto::webrtc
{

namespace
{

using namespace std::chrono_literals;

constexpr auto kSpan = 500ms;    // peers that miss packets report more often, of few packets each
constexpr unsigned kSeveral = 4; // fewer may have been lost at the end of what was sent

unsigned kbps(uint64_t bytes, Time::duration span)
{
    const double ms = std::chrono::duration<double, std::milli>{span}.count();
    return unsigned(double(bytes) * 8 / ms);
}

} // namespace

void Flight::sent(uint16_t sequence, size_t bytes, Time now)
{
    if (count_ == 0)
        base_ = Base{uint16_t(sequence - 1), 0, 0, 0, now};
    const uint64_t before = count_ > 0 ? packet(last_).bytes : 0;
    packets_[sequence % kKept] = {now, before + bytes};
    last_ = sequence;
    ++count_;
}

std::optional<Sample> Flight::reported(uint32_t highest, int32_t lost, Time now)
{
    const auto arrived = uint16_t(highest);
    const auto behind = uint16_t(last_ - arrived);
    if (behind >= std::min(count_, kKept - 1))
        return std::nullopt;
    const Base base = base_.value();
    const Base next{arrived, lost, packet(arrived).bytes, packet(last_).bytes, now};
    if (uint16_t(last_ - base.highest) >= kKept) { // too long ago
        base_ = next;
        return std::nullopt;
    }
    const auto packets = uint16_t(arrived - base.highest);
    if (now - base.at < kSpan || packets >= kKept)
        return std::nullopt; // or it is older than the one before
    Sample s;
    s.first = packets > 0 ? packet(uint16_t(base.highest + 1)).at : base.at;
    s.packets = packets;
    const int missing = std::clamp<int>(lost - base.lost, 0, packets);
    s.lost = packets > 0 ? double(missing) / packets : 0;
    s.sent_kbps = kbps(next.sent - base.sent, now - base.at);
    s.arrived_kbps = unsigned(kbps(next.reached - base.reached, now - base.at) * (1 - s.lost));
    if (behind >= kSeveral)
        s.overdue = std::chrono::duration_cast<std::chrono::milliseconds>(
            now - packet(uint16_t(arrived + 1)).at);
    base_ = next;
    return s;
}

} // namespace panto::webrtc
