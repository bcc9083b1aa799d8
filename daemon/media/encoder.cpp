// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/media/encoder.h"

#include "daemon/media/captured.h"
#include "daemon/media/even.h"

#include <algorithm>
#include <cstdlib>
#include <gst/app/gstappsrc.h>
#include <gst/video/video.h>

namespace panto::media
{

namespace
{

constexpr auto kLinger = std::chrono::seconds{2};
constexpr auto kRetry = std::chrono::seconds{1};
constexpr char kBitRate[] = "video.bitrate_kbps";
constexpr char kHead[] = "appsrc name=raw is-live=true format=time leaky-type=downstream "
                         "max-buffers=1 max-bytes=0";
constexpr char kTail[] = "appsink name=encoded sync=false";

/// Says of pictures how many there are a second when some are left out: encoders share out their
/// bits by that.
class Paced
{
public:
    Ref<GstSample> operator()(GstSample *frame, unsigned fps)
    {
        GstCaps *caps = gst_sample_get_caps(frame);
        if (fps == 0)
            return Ref<GstSample>::share(frame);
        if (caps != from_.get() || fps != fps_) {
            from_ = Ref<GstCaps>::share(caps);
            fps_ = fps;
            to_ = Ref<GstCaps>::adopt(gst_caps_copy(caps));
            gint n = 0, d = 1;
            if (gst_structure_get_fraction(gst_caps_get_structure(caps, 0), "framerate", &n, &d) &&
                n > gint(fps) * d)
                gst_caps_set_simple(to_.get(), "framerate", GST_TYPE_FRACTION, gint(fps), 1,
                                    nullptr);
        }
        return Ref<GstSample>::adopt(
            gst_sample_new(gst_sample_get_buffer(frame), to_.get(), nullptr, nullptr));
    }

private:
    Ref<GstCaps> from_, to_;
    unsigned fps_ = 0;
};

} // namespace

Encoder::Encoder(config::PipelineFile file, Values values, Capture &capture)
    : file_{std::move(file)}, values_{std::move(values)}, capture_{capture},
      demand_{kLinger, [this] { start(); }, [this] { stop(); }}
{
    note_bit_rate();
}

unsigned Encoder::bit_rate() const
{
    const auto kbps = values_.find(kBitRate);
    return kbps != values_.end() ? unsigned(std::atoi(kbps->second.c_str())) : 0;
}

/// The values that were set, but no more than the throttle lets through.
Values Encoder::values_now() const
{
    Values now = values_;
    if (throttle_ > 0 && throttle_ < bit_rate())
        now[kBitRate] = std::to_string(throttle_);
    return now;
}

/// Pictures that are complete in themselves gain nothing from being encoded again.
void Encoder::note_bit_rate()
{
    if (file_.codec != "mjpeg")
        skip_->bit_rate(unsigned(std::atoi(values_now()[kBitRate].c_str())));
}

void Encoder::throttle(unsigned kbps)
{
    const std::string before = values_now()[kBitRate];
    throttle_ = kbps;
    const std::string now = values_now()[kBitRate];
    if (now == before || !file_.set.contains(kBitRate))
        return;
    note_bit_rate();
    if (!pipeline_)
        return;
    if (const auto done = pipeline_->change(kBitRate, now); !done && on_problem)
        on_problem(done.error());
}

Encoder::Watch Encoder::watch(Tap::Receive receive)
{
    auto subscription = encoded_->subscribe(std::move(receive));
    return Watch{demand_.use(), std::move(subscription)};
}

void Encoder::start()
{
    auto made = Pipeline::create(file_, values_now(), kHead, kTail);
    if (!made)
        return failed(made.error());
    pipeline_ = std::move(*made);
    connect_tap(*pipeline_, "encoded", encoded_);
    measuring_ = encoded_->subscribe([skip = skip_, ages = ages_](GstSample *s) {
        skip->made(gst_buffer_get_size(gst_sample_get_buffer(s)));
        if (const auto captured = captured_at(s))
            ages->note(*captured);
    });
    skip_->wake();
    pipeline_->on_error = [this](const Error &e) { failed(e); };
    if (auto playing = pipeline_->play(); !playing)
        return failed(playing.error());
    const bool subsampled = file_.codec != "mjpeg";
    const auto feed = [raw = pipeline_->child("raw"), skip = skip_, subsampled,
                       paced = Paced{}](GstSample *f) mutable {
        const GstBuffer *b = gst_sample_get_buffer(f);
        if (!skip->takes(GST_BUFFER_FLAG_IS_SET(b, GST_BUFFER_FLAG_DROPPABLE), GST_BUFFER_PTS(b)))
            return;
        const auto picture = paced(f, skip->fps());
        gst_app_src_push_sample(GST_APP_SRC(raw.get()), // leaky: never blocks the capture
                                (subsampled ? even_sized(picture.get()) : picture).get());
    };
    pixels_ = capture_.pixels().subscribe(feed);
    // A stick's own JPEG is handed on as it is: to encode it again would cost time and quality.
    jpegs_ = file_.codec == "mjpeg"
                 ? capture_.jpegs().subscribe([out = encoded_](GstSample *s) { out->push(s); })
                 : capture_.decoded().subscribe(feed);
    capturing_ = capture_.use();
}

void Encoder::stop()
{
    retry_ = {};
    key_frame_timer_ = {};
    next_key_frame_.reset();
    capturing_.reset();
    pixels_ = jpegs_ = measuring_ = {};
    pipeline_.reset();
}

void Encoder::failed(const Error &error)
{
    if (on_problem)
        on_problem(error);
    pixels_ = jpegs_ = {};
    retry_ = after(kRetry, [this] { restart(); });
}

void Encoder::restart()
{
    pixels_ = jpegs_ = {};
    pipeline_.reset();
    start();
}

Result<> Encoder::set(const std::string &key, const std::string &value)
{
    if (!file_.set.contains(key))
        return Error{Kind::NotFound, file_.name + " takes no " + key};
    if (std::exchange(values_[key], value) == value)
        return ok;
    note_bit_rate();
    if (!pipeline_)
        return ok;
    skip_->wake();
    auto live = pipeline_->change(key, values_now()[key]);
    if (!live)
        return std::move(live.error());
    if (!*live)
        restart();
    return ok;
}

void Encoder::key_frame(std::chrono::milliseconds apart)
{
    const Time now = steady_now();
    const Time due = last_key_frame_ ? std::max(now, *last_key_frame_ + apart) : now;
    if (next_key_frame_ && *next_key_frame_ <= due)
        return; // one comes soon enough
    next_key_frame_ = due;
    if (due <= now)
        return request_key_frame();
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(due - now);
    key_frame_timer_ = after(left, [this] { request_key_frame(); });
}

void Encoder::request_key_frame()
{
    key_frame_timer_ = {};
    next_key_frame_.reset();
    last_key_frame_ = steady_now();
    if (pipeline_)
        if (const auto sink = pipeline_->child("encoded"))
            gst_element_send_event(sink.get(), gst_video_event_new_upstream_force_key_unit(
                                                   GST_CLOCK_TIME_NONE, TRUE, 0));
    skip_->wake(); // a still picture, too
}

} // namespace panto::media
