// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/api/rest/direct.h"

#include "daemon/media/captured.h"
#include "daemon/observe/log.h"

#include <algorithm>
#include <array>

namespace panto::api
{

namespace
{

constexpr size_t kQueue = 8;
constexpr std::chrono::seconds kLongestSilence{30}; // two pings
constexpr std::chrono::milliseconds kMostBehind{500};
/// Between two key frames that such viewers need anew: all the others get them, too.
constexpr std::chrono::seconds kMendApart{1};
constexpr uint8_t kAcknowledge = 2;
constexpr uint8_t kResync = 3;

uint64_t little_endian(std::span<const uint8_t> bytes)
{
    uint64_t v = 0;
    for (size_t i = 8; i-- > 0;)
        v = v << 8 | bytes[i];
    return v;
}

std::string nonsense(std::span<const uint8_t> m)
{
    if (m.empty())
        return "it is empty";
    if (m[0] != kAcknowledge && m[0] != kResync)
        return "of no known type";
    return (m[0] == kAcknowledge ? "an acknowledgement of " : "a resync of ") +
           std::to_string(m.size()) + " bytes";
}

} // namespace

void Direct::open(media::Encoder &encoder, Audience &audience, const http::Request &rq, Wish wish,
                  std::unique_ptr<http::Socket> socket)
{
    wish.window = std::min<unsigned>(wish.window, kQueue);
    auto *direct = new Direct{encoder, wish, std::move(socket)};
    direct->place_ = audience.enter(Audience::Way::Direct, Audience::Who{rq},
                                    [direct](json::Object &viewer) { direct->tell(viewer); });
}

Direct::Direct(media::Encoder &encoder, Wish wish, std::unique_ptr<http::Socket> socket)
    : encoder_{encoder}, wish_{wish}, socket_{std::move(socket)},
      relay_{media::Relay::create(kQueue, [this](GstSample *s, size_t lost) { frame(s, lost); })},
      ignored_{[this](const std::string &why, size_t more) {
          log_info("api", "flow message ignored",
                   {{"peer", socket_->lease().address},
                    {"why", why},
                    {"times", std::to_string(std::max<size_t>(more, 1))}});
      }}
{
    if (wish_.times_of_capture)
        first_us_ = 0;
    if (wish_.window == 0)
        socket_->keep_fresh();
    socket_->keep_alive(15);
    socket_->end_when_silent(kLongestSilence);
    socket_->listen([this](std::span<const uint8_t> m, bool) { message(m); },
                    [this] { delete this; });
    watch_ = encoder_.watch(relay_->receiver());
    wait_for_key_frame();
}

/// Nothing is sent before the next key frame; asks for one, once. Who has had a picture can wait
/// for it longer than who has none.
void Direct::wait_for_key_frame()
{
    at_key_frame_ = false;
    if (!std::exchange(asked_, true))
        encoder_.key_frame(had_one_ ? kMendApart : media::Encoder::kApart);
}

/// A key frame may take a while, but what comes behind it must catch up.
bool Direct::is_behind()
{
    if (wish_.window > 0)
        return on_the_way_.size() >= wish_.window;
    if (!socket_->congested()) {
        full_since_.reset();
        return false;
    }
    const Time now = steady_now();
    full_since_ = full_since_.value_or(now);
    return now - *full_since_ >= kMostBehind;
}

void Direct::frame(GstSample *sample, size_t lost)
{
    dropped_.queue_full += lost;
    GstBuffer *buffer = gst_sample_get_buffer(sample);
    if (!buffer)
        return;
    if (lost)
        asked_ = false; // what was asked for may be among it
    if (is_behind()) {
        at_key_frame_ = asked_ = false;
        ++(wish_.window > 0 ? dropped_.window_full : dropped_.socket_full);
        return; // not even a key frame fits
    }
    const bool key = !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
    if (!key && (lost || !at_key_frame_)) {
        ++dropped_.awaiting_key_frame;
        return wait_for_key_frame();
    }
    asked_ = false;
    at_key_frame_ = true;
    const uint64_t now_us =
        GST_BUFFER_PTS_IS_VALID(buffer) ? GST_BUFFER_PTS(buffer) / 1000 : first_us_.value_or(0);
    if (!first_us_)
        first_us_ = now_us;
    const uint64_t time_us = now_us - *first_us_;
    std::array<uint8_t, 9> head{uint8_t(key)};
    for (size_t i = 0; i < 8; ++i)
        head[i + 1] = uint8_t(time_us >> (8 * i));
    GstMapInfo map;
    if (!gst_buffer_map(buffer, &map, GST_MAP_READ))
        return;
    socket_->send_binary(head, {map.data, map.size});
    had_one_ = true;
    sent_.note(media::captured_at(buffer), head.size() + map.size);
    gst_buffer_unmap(buffer, &map);
    if (wish_.window)
        on_the_way_.push_back(time_us);
}

void Direct::tell(json::Object &viewer) const
{
    add_sent(viewer, sent_,
             json::Object{}
                 .add("queue_full", dropped_.queue_full)
                 .add("window_full", dropped_.window_full)
                 .add("socket_full", dropped_.socket_full)
                 .add("awaiting_key_frame", dropped_.awaiting_key_frame));
}

void Direct::message(std::span<const uint8_t> m)
{
    if (m.size() == 9 && m[0] == kAcknowledge) {
        const uint64_t upto = little_endian(m.subspan(1));
        while (!on_the_way_.empty() && on_the_way_.front() <= upto)
            on_the_way_.pop_front();
    } else if (m.size() == 1 && m[0] == kResync) {
        on_the_way_.clear();
        asked_ = false;
        wait_for_key_frame();
    } else {
        ignored_.add(nonsense(m));
    }
}

} // namespace panto::api
