// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/media/encoder.h"

#include <cstdlib>
#include <gst/app/gstappsrc.h>
#include <gst/video/video.h>

namespace panto::media
{

namespace
{

constexpr auto kLinger = std::chrono::seconds{2};
constexpr auto kRetry = std::chrono::seconds{1};
constexpr auto kKeyFrameInterval = std::chrono::milliseconds{250};
constexpr char kHead[] = "appsrc name=raw is-live=true format=time leaky-type=downstream "
                         "max-buffers=1 max-bytes=0";
constexpr char kTail[] = "appsink name=encoded sync=false";

} // namespace

Encoder::Encoder(config::PipelineFile file, Values values, Capture &capture)
    : file_{std::move(file)}, values_{std::move(values)}, capture_{capture},
      demand_{kLinger, [this] { start(); }, [this] { stop(); }}
{
    note_bit_rate();
}

/// Pictures that are complete in themselves gain nothing from being encoded again.
void Encoder::note_bit_rate()
{
    const auto kbps = values_.find("video.bitrate_kbps");
    if (file_.codec == "h264" && kbps != values_.end())
        skip_->bit_rate(unsigned(std::atoi(kbps->second.c_str())));
}

Encoder::Watch Encoder::watch(Tap::Receive receive)
{
    auto subscription = encoded_->subscribe(std::move(receive));
    return Watch{demand_.use(), std::move(subscription)};
}

void Encoder::start()
{
    auto made = Pipeline::create(file_, values_, kHead, kTail);
    if (!made)
        return failed(made.error());
    pipeline_ = std::move(*made);
    connect_tap(*pipeline_, "encoded", encoded_);
    measuring_ = encoded_->subscribe([skip = skip_, ages = ages_](GstSample *s) {
        skip->made(gst_buffer_get_size(gst_sample_get_buffer(s)));
        ages->note(s);
    });
    skip_->wake();
    pipeline_->on_error = [this](const Error &e) { failed(e); };
    if (auto playing = pipeline_->play(); !playing)
        return failed(playing.error());
    const auto feed = [raw = pipeline_->child("raw"), skip = skip_](GstSample *f) {
        const GstBuffer *b = gst_sample_get_buffer(f);
        if (skip->takes(GST_BUFFER_FLAG_IS_SET(b, GST_BUFFER_FLAG_DROPPABLE), GST_BUFFER_PTS(b)))
            gst_app_src_push_sample(GST_APP_SRC(raw.get()), f); // leaky: never blocks the capture
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
    key_frame_wanted_ = false;
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
    auto live = pipeline_->change(key, value);
    if (!live)
        return std::move(live.error());
    if (!*live)
        restart();
    return ok;
}

void Encoder::key_frame()
{
    key_frame_wanted_ = true;
    if (!key_frame_timer_)
        send_key_frame_request();
}

void Encoder::send_key_frame_request()
{
    if (!std::exchange(key_frame_wanted_, false))
        return;
    if (pipeline_)
        if (const auto sink = pipeline_->child("encoded"))
            gst_element_send_event(sink.get(), gst_video_event_new_upstream_force_key_unit(
                                                   GST_CLOCK_TIME_NONE, TRUE, 0));
    skip_->wake(); // a still picture, too
    key_frame_timer_ = after(kKeyFrameInterval, [this] {
        key_frame_timer_ = {};
        send_key_frame_request();
    });
}

} // namespace panto::media
