// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/app/input_pipeline.h"

#include "lib/usbhid/report.h"

#include <algorithm>
#include <gst/app/gstappsrc.h>

namespace panto::app
{

namespace
{

constexpr auto kRetry = std::chrono::seconds{1};
constexpr guint64 kMaxWaiting = 512; // reports in an appsrc; the node's own queue comes after it

struct Way {
    size_t size; // of its reports
    const char *name;
};
constexpr Way kWays[] = {{hid::kKeyboardSize, "keyboard"},
                         {hid::kRelativeSize, "relative"},
                         {hid::kAbsoluteSize, "absolute"},
                         {hid::kConsumerSize, "consumer"}};

} // namespace

InputPipeline::InputPipeline(config::PipelineFile file, media::Values values, Functions functions)
    : file_{std::move(file)}, values_{std::move(values)}, functions_{std::move(functions)}
{
}

void InputPipeline::start()
{
    sources_.clear();
    keyboard_ = {};
    keys_given_ = 0;
    auto made = media::Pipeline::create(file_, values_);
    if (!made)
        return failed(made.error());
    pipeline_ = std::move(*made);
    pipeline_->on_error = [this](const Error &e) { failed(e); };
    pipeline_->on_message = [this](const GstStructure &s) { message(s); };
    keyboard_ = pipeline_->child("keyboard-node");
    for (const auto &[size, name] : kWays) {
        sources_[size] = pipeline_->child(name);
        char *device = nullptr;
        const auto function = functions_.find(name);
        if (const auto node = pipeline_->child((std::string{name} + "-node").c_str())) {
            g_object_get(node.get(), "device", &device, nullptr);
            if (function != functions_.end())
                g_object_set(node.get(), "function", function->second.c_str(), nullptr);
        }
        if (device)
            states_[nodes_[size] = device] = "online"; // until it says otherwise
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
    keys_lost_ += keys("reports-dropped") + 1; // and perhaps what was on its way
    sources_.clear();
    keyboard_ = {};
    if (on_problem)
        on_problem(error);
    retry_ = after(kRetry, [this] {
        pipeline_.reset();
        start();
    });
}

void InputPipeline::send(std::span<const uint8_t> report)
{
    const bool key = report.size() == hid::kKeyboardSize;
    const auto source = sources_.find(report.size());
    GstAppSrc *appsrc = source == sources_.end() ? nullptr : GST_APP_SRC(source->second.get());
    // The sink answers for what it drops; so many mean that it does not run at all.
    if (!appsrc || gst_app_src_get_current_level_buffers(appsrc) >= kMaxWaiting) {
        keys_lost_ += key;
        return;
    }
    GstBuffer *buffer = gst_buffer_new_memdup(report.data(), report.size());
    const bool taken = gst_app_src_push_buffer(appsrc, buffer) == GST_FLOW_OK;
    if (key)
        ++(taken ? keys_given_ : keys_lost_);
}

uint64_t InputPipeline::keys(const char *counter) const
{
    guint64 count = 0;
    if (keyboard_)
        g_object_get(keyboard_.get(), counter, &count, nullptr);
    return count;
}

size_t InputPipeline::keys_waiting() const
{
    if (!keyboard_)
        return 0;
    const uint64_t received = keys("reports-received"); // first: later ones are in neither count
    return keys_given_ - std::min(keys_given_, received) + keys("reports-waiting");
}

uint64_t InputPipeline::keys_lost() const
{
    return keys_lost_ + keys("reports-dropped");
}

std::optional<std::pair<std::string, std::string>> InputPipeline::node_for(size_t report_size) const
{
    const auto node = nodes_.find(report_size);
    if (sources_.empty() || node == nodes_.end())
        return std::nullopt;
    return std::pair{node->second, states_.at(node->second)};
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
