// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/api/rest/mjpeg.h"

namespace panto::api
{

namespace
{

constexpr char kPartHead[] = "--frame\r\nContent-Type: image/jpeg\r\n";

std::string bytes_of(GstSample *sample)
{
    GstMapInfo map;
    GstBuffer *buffer = gst_sample_get_buffer(sample);
    if (!buffer || !gst_buffer_map(buffer, &map, GST_MAP_READ))
        return {};
    std::string out(reinterpret_cast<const char *>(map.data), map.size);
    gst_buffer_unmap(buffer, &map);
    return out;
}

} // namespace

void Mjpeg::start()
{
    if (watch_)
        return;
    relay_ = media::Relay::create(1, [this](GstSample *s, bool) { frame(s); });
    watch_ = encoder_.watch(relay_->receiver());
}

void Mjpeg::add(std::unique_ptr<http::Stream> stream)
{
    start();
    http::Stream *s = stream.get();
    const auto at = streams_.insert(streams_.end(), std::move(stream));
    s->on_closed([this, at] {
        streams_.erase(at);
        if (!streams_.empty() || !waiting_.empty())
            return;
        watch_ = {};
        last_part_.reset();
    });
    s->send(std::make_shared<const std::string>(kPartHead));
    if (last_part_) // a still screen sends nothing new for a while
        s->send(last_part_);
}

void Mjpeg::snapshot(std::chrono::milliseconds limit, Done<std::string> done)
{
    start();
    if (last_part_)
        return done(last_picture_);
    const auto at = waiting_.insert(waiting_.end(), {std::move(done), {}});
    at->limit = after(limit, [this, at] { give_up(at); });
}

void Mjpeg::give_up(std::list<Waiting>::iterator at)
{
    const Waiting late = std::move(*at);
    waiting_.erase(at);
    if (streams_.empty() && waiting_.empty())
        watch_ = {};
    late.done(Error{Kind::Timeout, "no picture in time"});
}

void Mjpeg::frame(GstSample *sample)
{
    if (!watch_)
        return;
    last_picture_ = bytes_of(sample);
    if (last_picture_.empty())
        return;
    auto part = std::make_shared<std::string>();
    part->reserve(last_picture_.size() + 96);
    *part += "Content-Length: " + std::to_string(last_picture_.size()) + "\r\n\r\n";
    *part += last_picture_;
    *part += "\r\n";
    *part += kPartHead;
    last_part_ = part;
    for (const auto &stream : streams_)
        stream->send(last_part_);
    for (auto &waiting : std::exchange(waiting_, {}))
        waiting.done(last_picture_);
    if (streams_.empty()) {
        watch_ = {};
        last_part_.reset();
    }
}

} // namespace panto::api
