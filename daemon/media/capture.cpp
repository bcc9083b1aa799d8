// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/media/capture.h"

#include "daemon/media/captured.h"
#include "daemon/media/repeat.h"

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>

namespace panto::media
{

namespace
{

constexpr auto kLinger = std::chrono::seconds{3};
constexpr auto kRetry = std::chrono::seconds{1};
constexpr char kSink[] = "appsink name=frames sync=false max-buffers=2 drop=true";
constexpr char kDecoderHead[] = "appsrc name=jpegs is-live=true format=time "
                                "leaky-type=downstream max-buffers=1 max-bytes=0";
constexpr char kDecoderTail[] = "appsink name=decoded sync=false max-buffers=2 drop=true";

/// The sample with running time for PTS: encoders shift theirs (x264 by 1000 h) and say so in the
/// segment, which would be lost on the way to another pipeline. Copies no pixels.
Ref<GstSample> in_running_time(GstSample *sample)
{
    const GstSegment *segment = gst_sample_get_segment(sample);
    GstBuffer *buffer = gst_sample_get_buffer(sample);
    GstBuffer *shallow = gst_buffer_copy(buffer);
    GST_BUFFER_PTS(shallow) =
        gst_segment_to_running_time(segment, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
    GST_BUFFER_DTS(shallow) = GST_CLOCK_TIME_NONE; // no reordering anywhere: it says nothing more
    auto out = Ref<GstSample>::adopt(
        gst_sample_new(shallow, gst_sample_get_caps(sample), nullptr, nullptr));
    gst_buffer_unref(shallow);
    return out;
}

Signal switched_off()
{
    Signal off;
    off.state = "off";
    off.reason = kSwitchedOff;
    off.cure = "switch it on: POST /api/vm/hdmi/enable";
    return off;
}

} // namespace

void connect_tap(const Pipeline &pipeline, const char *appsink, std::shared_ptr<Tap> tap)
{
    GstAppSinkCallbacks callbacks{};
    callbacks.new_sample = [](GstAppSink *sink, gpointer p) {
        const auto sample = Ref<GstSample>::adopt(gst_app_sink_pull_sample(sink));
        if (!sample)
            return GST_FLOW_EOS;
        (*static_cast<std::shared_ptr<Tap> *>(p))->push(in_running_time(sample.get()).get());
        return GST_FLOW_OK;
    };
    const auto sink = pipeline.child(appsink);
    gst_app_sink_set_callbacks(GST_APP_SINK(sink.get()), &callbacks,
                               new std::shared_ptr<Tap>{std::move(tap)},
                               [](gpointer p) { delete static_cast<std::shared_ptr<Tap> *>(p); });
}

Capture::Capture(config::PipelineFile file, std::optional<config::PipelineFile> decoder,
                 Values values)
    : file_{std::move(file)}, decoder_file_{std::move(decoder)}, values_{std::move(values)},
      demand_{kLinger, [this] { start(); }, [this] { end(); }}
{
}

void Capture::enable(bool on)
{
    if (std::exchange(enabled_, on) == on)
        return;
    if (demand_.running())
        return restart();
    tell(on ? Signal{} : switched_off());
}

void Capture::linger(std::chrono::milliseconds time)
{
    demand_.linger(time > kLinger ? time : kLinger);
}

void Capture::start()
{
    if (!enabled_)
        return tell(switched_off());
    if (!paused_.expired())
        return;
    if (auto ready = start_decoder(); !ready)
        return failed("stalled", ready.error());
    auto made = Pipeline::create(file_, values_, "", kSink);
    if (!made)
        return failed("stalled", made.error());
    pipeline_ = std::move(*made);
    connect_tap(*pipeline_, "frames", frames_);
    pipeline_->on_error = [this](const Error &e) { failed("stalled", e); };
    pipeline_->on_message = [this](const GstStructure &s) { message(s); };
    if (auto playing = pipeline_->play(); !playing)
        failed("device-lost", playing.error()); // kvmsrc cannot open it
}

/// The decoder waits beside the capture for JPEG to come, and for somebody who wants it decoded.
Result<> Capture::start_decoder()
{
    Ref<GstElement> in;
    const auto repeat = std::make_shared<Repeat>();
    if (decoder_file_) {
        PANTO_TRY(made, Pipeline::create(*decoder_file_, values_, kDecoderHead, kDecoderTail));
        decoder_ = std::move(made);
        const auto out = std::make_shared<Tap>();
        connect_tap(*decoder_, "decoded", out);
        decoding_ = out->subscribe([taps = taps_, repeat](GstSample *picture) {
            taps->decoded->push(picture);
            repeat->decoded(picture);
        });
        decoder_->on_error = [this](const Error &e) { failed("stalled", e); };
        PANTO_TRY(playing, decoder_->play());
        (void)playing;
        in = decoder_->child("jpegs");
    }
    sorting_ = frames_->subscribe([taps = taps_, repeat, in](GstSample *frame) {
        if (const auto captured = captured_at(frame))
            taps->ages.note(*captured);
        const GstCaps *caps = gst_sample_get_caps(frame);
        if (!gst_structure_has_name(gst_caps_get_structure(caps, 0), "image/jpeg"))
            return taps->pixels->push(frame);
        taps->jpegs->push(frame);
        if (!in || !taps->decoded->wanted())
            return repeat->forget();
        if (const auto picture = repeat->in_place_of(frame))
            return taps->decoded->push(picture.get());
        gst_app_src_push_sample(GST_APP_SRC(in.get()), frame); // leaky: never blocks
    });
    return ok;
}

void Capture::failed(const char *state, const Error &error)
{
    if (on_problem)
        on_problem(error);
    Signal none;
    none.state = state;
    none.reason = error.message;
    none.cure = "it is tried again every second; GET /api/doctor says what is wrong";
    tell(none);
    retry_ = after(kRetry, [this] { restart(); });
}

void Capture::restart()
{
    take_down();
    start();
}

/// What was seen of the signal was seen then.
void Capture::end()
{
    take_down();
    Signal unseen;
    unseen.reason = "nobody watches";
    tell(unseen);
}

void Capture::take_down()
{
    retry_ = {};
    pipeline_.reset();
    decoder_.reset();
    sorting_ = decoding_ = {};
}

Capture::Pause Capture::pause()
{
    if (auto held = paused_.lock())
        return held;
    take_down();
    Pause pause{static_cast<void *>(this), [weak = self_.weak()](void *) {
                    if (Capture *self = alive(weak); self && self->demand_.running())
                        self->restart();
                }};
    paused_ = pause;
    return pause;
}

void Capture::message(const GstStructure &s)
{
    if (!gst_structure_has_name(&s, "kvm-signal"))
        return;
    Signal now;
    if (const char *state = gst_structure_get_string(&s, "state"))
        now.state = state;
    if (const char *reason = gst_structure_get_string(&s, "reason"))
        now.reason = reason;
    if (const char *cure = gst_structure_get_string(&s, "cure"))
        now.cure = cure;
    gst_structure_get_uint(&s, "width", &now.width);
    gst_structure_get_uint(&s, "height", &now.height);
    int num = 0, den = 1;
    if (gst_structure_get_fraction(&s, "fps", &num, &den))
        now.fps = double(num) / den;
    else
        gst_structure_get_double(&s, "fps", &now.fps);
    tell(now);
}

void Capture::tell(const Signal &now)
{
    if (now == signal_)
        return;
    signal_ = now;
    if (on_signal)
        on_signal(signal_);
}

} // namespace panto::media
