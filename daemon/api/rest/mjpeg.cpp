// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/api/rest/mjpeg.h"

#include "daemon/media/captured.h"

namespace panto::api
{

namespace
{

/// Between two pictures: the end of one part and the head of the next, but for its length.
constexpr std::string_view kBetween = "\r\n--frame\r\nContent-Type: image/jpeg\r\n";

/// A sample's buffer, mapped for reading.
struct Mapped {
    Ref<GstSample> sample;
    GstMapInfo map;

    GstBuffer *buffer() const { return gst_sample_get_buffer(sample.get()); }
};

/// The picture where the encoder, or the capture, has put it; null when it cannot be read.
Ref<GBytes> bytes_of(GstSample *sample)
{
    auto mapped = std::make_unique<Mapped>(Mapped{Ref<GstSample>::share(sample), {}});
    if (!mapped->buffer() || !gst_buffer_map(mapped->buffer(), &mapped->map, GST_MAP_READ))
        return {};
    const GstMapInfo map = mapped->map;
    return Ref<GBytes>::adopt(g_bytes_new_with_free_func(
        map.data, map.size,
        [](gpointer p) {
            const std::unique_ptr<Mapped> m{static_cast<Mapped *>(p)};
            gst_buffer_unmap(m->buffer(), &m->map);
        },
        mapped.release()));
}

std::string text_of(GBytes *bytes)
{
    gsize size = 0;
    const void *data = g_bytes_get_data(bytes, &size);
    return {static_cast<const char *>(data), size};
}

http::SharedPart part_of(GstSample *sample)
{
    auto picture = bytes_of(sample);
    if (!picture || g_bytes_get_size(picture.get()) == 0)
        return nullptr;
    auto part = std::make_shared<http::Part>();
    part->captured = media::captured_at(sample);
    if (const GstBuffer *b = gst_sample_get_buffer(sample); part->captured) {
        char text[64];
        g_snprintf(text, sizeof text, "X-Timestamp: %" G_GUINT64_FORMAT ".%06u\r\n",
                   GST_BUFFER_PTS(b) / GST_SECOND,
                   unsigned(GST_BUFFER_PTS(b) % GST_SECOND / GST_USECOND));
        part->time = text;
    }
    part->head = "Content-Length: " + std::to_string(g_bytes_get_size(picture.get())) + "\r\n\r\n";
    part->body = std::move(picture);
    part->tail = kBetween;
    return part;
}

/// Chromium says that it is WebKit as well; Chrome on iOS is WebKit, and does not say Chrome. A
/// page's script that reads the stream itself accepts anything: it may count on the lengths, and
/// ask for the times of capture, in s of CLOCK_MONOTONIC.
http::Shows shows(const http::Request &rq)
{
    if (wants_time_of_capture(rq))
        return http::Shows::WithItsTime;
    const auto says = [&](const char *word) {
        return rq.user_agent.find(word) != std::string::npos;
    };
    const bool chromium = says("Chrome/") || says("Chromium/");
    if (chromium && rq.accept.find("image/") != std::string::npos)
        return http::Shows::AtTheNextHead;
    return says("AppleWebKit/") && !chromium ? http::Shows::AtTheNext : http::Shows::AtItsLength;
}

} // namespace

bool wants_time_of_capture(const http::Request &rq)
{
    const auto time = rq.query.find("time");
    return time != rq.query.end() && time->second == "capture";
}

Mjpeg::Mjpeg(media::Encoder &encoder) : encoder_{encoder}
{
    fanout_.on_empty([this] { streaming_ = {}; });
}

void Mjpeg::add(std::unique_ptr<http::Stream> stream, const http::Request &rq, Audience &audience)
{
    const auto delivery = std::make_shared<http::Delivery>();
    stream->keep(
        audience.enter(Audience::Way::Mjpeg, Audience::Who{rq}, [delivery](json::Object &viewer) {
            add_sent(viewer, delivery->sent,
                     json::Object{}.add("replaced", delivery->replaced.load()));
        }));
    fanout_.add(std::move(stream), std::string{kBetween.substr(2)}, shows(rq), delivery);
    if (streaming_.watch)
        return;
    streaming_.relay = media::Relay::create(
        1,
        [&fanout = fanout_](GstSample *sample,
                            size_t lost) { // on the fan-out's thread, so that it lives
            if (auto part = part_of(sample))
                fanout.send(std::move(part), lost);
        },
        fanout_.context());
    streaming_.watch = encoder_.watch(streaming_.relay->receiver());
}

void Mjpeg::snapshot(std::chrono::milliseconds limit, Done<std::string> done)
{
    if (fanout_.size() == 0)
        return wait(limit, std::move(done));
    fanout_.newest([weak = self_.weak(), limit, done](const http::SharedPart &part) {
        if (part)
            return done(text_of(part->body.get()));
        if (auto *self = alive(weak))
            self->wait(limit, done);
    });
}

void Mjpeg::wait(std::chrono::milliseconds limit, Done<std::string> done)
{
    const auto at = waiting_.insert(waiting_.end(), {std::move(done), {}});
    at->limit = after(limit, [this, at] { give_up(at); });
    if (shooting_.watch)
        return;
    shooting_.relay = media::Relay::create(1, [this](GstSample *s, bool) { take(s); });
    shooting_.watch = encoder_.watch(shooting_.relay->receiver());
    encoder_.key_frame({}); // of a screen that stands still none would come for a while
}

void Mjpeg::give_up(std::list<Waiting>::iterator at)
{
    const Waiting late = std::move(*at);
    waiting_.erase(at);
    if (waiting_.empty())
        shooting_ = {};
    late.done(Error{Kind::Timeout, "no picture in time"});
}

void Mjpeg::take(GstSample *sample)
{
    const auto picture = bytes_of(sample);
    if (!picture || g_bytes_get_size(picture.get()) == 0)
        return;
    shooting_ = {};
    for (auto &waiting : std::exchange(waiting_, {}))
        waiting.done(text_of(picture.get()));
}

} // namespace panto::api
