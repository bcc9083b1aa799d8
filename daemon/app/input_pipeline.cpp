// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/app/input_pipeline.h"

#include "lib/usbhid/report.h"

#include <gst/app/gstappsrc.h>

namespace panto::app
{

namespace
{

constexpr auto kRetry = std::chrono::seconds{1};
constexpr guint64 kMaxWaiting = 512; // reports in an appsrc; the node's own queue comes after it

} // namespace

InputPipeline::InputPipeline(config::PipelineFile file, media::Values values)
    : file_{std::move(file)}, values_{std::move(values)}
{
}

void InputPipeline::start()
{
    sources_.clear();
    keyboard_ = {};
    auto made = media::Pipeline::create(file_, values_);
    if (!made)
        return failed(made.error());
    pipeline_ = std::move(*made);
    pipeline_->on_error = [this](const Error &e) { failed(e); };
    pipeline_->on_message = [this](const GstStructure &s) { message(s); };
    sources_[hid::kKeyboardSize] = pipeline_->child("keyboard");
    sources_[hid::kRelativeSize] = pipeline_->child("relative");
    sources_[hid::kAbsoluteSize] = pipeline_->child("absolute");
    sources_[hid::kConsumerSize] = pipeline_->child("consumer");
    keyboard_ = pipeline_->child("keyboard-node");
    for (const char *name : {"keyboard-node", "relative-node", "absolute-node", "consumer-node"}) {
        char *device = nullptr;
        if (const auto node = pipeline_->child(name))
            g_object_get(node.get(), "device", &device, nullptr);
        if (device)
            states_[device] = "online"; // until it says otherwise
        g_free(device);
    }
    if (auto playing = pipeline_->play(); !playing)
        return failed(playing.error());
    let_go();
}

/// The computer may still hold what a process pressed that was killed, or a pipeline that failed.
/// The absolute pointer is left alone: its report would move it.
void InputPipeline::let_go()
{
    send(hid::kAllKeysUp);
    send(hid::RelativeReport{});
    send(hid::ConsumerReport{});
}

void InputPipeline::failed(const Error &error)
{
    sources_.clear();
    if (on_problem)
        on_problem(error);
    retry_ = after(kRetry, [this] {
        pipeline_.reset();
        start();
    });
}

void InputPipeline::send(std::span<const uint8_t> report)
{
    const auto source = sources_.find(report.size());
    if (source == sources_.end() || !source->second)
        return;
    GstAppSrc *appsrc = GST_APP_SRC(source->second.get());
    if (gst_app_src_get_current_level_buffers(appsrc) >= kMaxWaiting)
        return; // the sink answers for what it drops; this many means it does not run at all
    GstBuffer *buffer = gst_buffer_new_memdup(report.data(), report.size());
    gst_app_src_push_buffer(appsrc, buffer);
}

size_t InputPipeline::keys_waiting() const
{
    const auto source = sources_.find(hid::kKeyboardSize);
    if (source == sources_.end() || !source->second || !keyboard_)
        return 0;
    guint64 waiting = 0;
    g_object_get(keyboard_.get(), "reports-waiting", &waiting, nullptr);
    return waiting + gst_app_src_get_current_level_buffers(GST_APP_SRC(source->second.get()));
}

void InputPipeline::message(const GstStructure &s)
{
    if (gst_structure_has_name(&s, "kvm-leds")) {
        guint leds = 0;
        if (gst_structure_get_uint(&s, "leds", &leds) && on_leds)
            on_leds(leds);
    } else if (gst_structure_has_name(&s, "kvm-hid")) {
        const char *state = gst_structure_get_string(&s, "state");
        const char *device = gst_structure_get_string(&s, "device");
        if (!state || !device)
            return;
        states_[device] = state;
        if (on_state)
            on_state(device, state);
    }
}

} // namespace panto::app
