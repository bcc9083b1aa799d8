// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/media/snapshots.h"

#include <gst/app/gstappsrc.h>
#include <gst/video/video.h>

namespace panto::media
{

namespace
{

constexpr size_t kMost = 4; // at a time
constexpr char kHead[] = "appsrc name=raw format=time";
constexpr char kTail[] = "appsink name=picture sync=false max-buffers=1";

std::string text_of(const Region &r)
{
    return std::to_string(r.x) + "," + std::to_string(r.y) + "," + std::to_string(r.width) + "," +
           std::to_string(r.height);
}

/// The part that is wanted of a picture of that size.
Result<Region> part_of(const Shot &shot, unsigned width, unsigned height)
{
    const Region r = shot.region.value_or(Region{0, 0, width, height});
    if (r.width == 0 || r.height == 0 || r.x >= width || r.width > width - r.x || r.y >= height ||
        r.height > height - r.y)
        return Error{Kind::Invalid, "region " + text_of(r) + " is not on the screen, which has " +
                                        std::to_string(width) + "x" + std::to_string(height) +
                                        " pixels"};
    return r;
}

int scaled(unsigned pixels, unsigned percent)
{
    return int(std::max(1u, (pixels * percent + 50) / 100));
}

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

Snapshots::Snapshots(const Library &library, Capture &capture) : capture_{capture}
{
    for (const char *format : {"jpeg", "png"})
        files_.emplace(format, library.best("snapshot", format));
}

std::optional<Error> Snapshots::refusal(const Shot &shot) const
{
    const auto file = files_.find(shot.format);
    if (file == files_.end())
        return Error{Kind::Invalid, "format must be jpeg or png"};
    if (!file->second)
        return file->second.error();
    if (!capture_.enabled())
        return Error{Kind::Unavailable, kSwitchedOff};
    if (taking_.size() >= kMost)
        return Error{Kind::Busy, "four pictures are being made: ask again in a moment"};
    return std::nullopt;
}

uint64_t Snapshots::take(const Shot &shot, std::chrono::milliseconds limit, Done<std::string> done)
{
    if (auto refused = refusal(shot)) {
        done(std::move(*refused));
        return 0;
    }
    const At at = taking_.insert(taking_.end(), Taking{});
    at->number = ++taken_;
    at->shot = shot;
    at->done = std::move(done);
    at->limit = after(limit, [this, at] { end(at, Error{Kind::Timeout, "no picture in time"}); });
    at->raw = Relay::create(1, [this, at](GstSample *s, bool) { captured(at, s); });
    at->pixels = capture_.pixels().subscribe(at->raw->receiver());
    at->decoded = capture_.decoded().subscribe(at->raw->receiver());
    at->use = capture_.use();
    return taken_;
}

void Snapshots::cancel(uint64_t number, const std::string &why)
{
    for (At at = taking_.begin(); at != taking_.end(); ++at)
        if (at->number == number)
            return end(at, Error{Kind::Unavailable, why});
}

void Snapshots::captured(At at, GstSample *sample)
{
    if (at->pipeline || at->ended) // one more came before the subscription ended
        return;
    at->pixels = at->decoded = {};
    at->use.reset();
    if (auto making = make(at, sample); !making)
        end(at, std::move(making.error()));
}

Result<> Snapshots::make(At at, GstSample *sample)
{
    GstVideoInfo info;
    GstCaps *caps = gst_sample_get_caps(sample);
    if (!caps || !gst_video_info_from_caps(&info, caps))
        return Error{Kind::Unavailable, "the capture gives no picture that can be kept"};
    const unsigned width = unsigned(info.width), height = unsigned(info.height);
    PANTO_TRY(part, part_of(at->shot, width, height));
    PANTO_TRY(pipeline, Pipeline::create(*files_.at(at->shot.format), {}, kHead, kTail));
    g_object_set(pipeline->child("crop").get(), "left", int(part.x), "top", int(part.y), "right",
                 int(width - part.x - part.width), "bottom", int(height - part.y - part.height),
                 nullptr);
    const auto size = Ref<GstCaps>::adopt(gst_caps_new_simple(
        "video/x-raw", "width", G_TYPE_INT, scaled(part.width, at->shot.scale_percent), "height",
        G_TYPE_INT, scaled(part.height, at->shot.scale_percent), "pixel-aspect-ratio",
        GST_TYPE_FRACTION, 1, 1, nullptr));
    g_object_set(pipeline->child("size").get(), "caps", size.get(), nullptr);
    if (at->shot.format == "jpeg")
        g_object_set(pipeline->child("enc").get(), "quality", int(at->shot.quality), nullptr);
    at->encoded = std::make_shared<Tap>();
    at->made = Relay::create(1, [this, at](GstSample *s, bool) { end(at, Result{bytes_of(s)}); });
    at->out = at->encoded->subscribe(at->made->receiver());
    connect_tap(*pipeline, "picture", at->encoded);
    pipeline->on_error = [this, at](const Error &e) { end(at, e); };
    at->pipeline = std::move(pipeline);
    if (auto playing = at->pipeline->play(); !playing)
        return playing;
    GstAppSrc *in = GST_APP_SRC(at->pipeline->child("raw").get());
    gst_app_src_push_sample(in, sample);
    return ok;
}

/// Answers, once, and forgets it when nothing of it is on the stack any more.
void Snapshots::end(At at, Result<std::string> result)
{
    if (at->ended)
        return;
    at->limit = {};
    at->pixels = at->decoded = at->out = {};
    at->use.reset();
    at->ended = after(std::chrono::milliseconds{0}, [this, at] { taking_.erase(at); });
    std::exchange(at->done, nullptr)(std::move(result));
}

} // namespace panto::media
