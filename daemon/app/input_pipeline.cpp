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
constexpr size_t kMaxWaiting = 512; // reports: 4 s at 125 Hz
/// Reports that may still go before what is held is let go: 48 ms at 125 Hz, of the 500 ms within
/// which it must be up.
constexpr size_t kFew = 6;

constexpr std::pair<size_t, const char *> kWays[] = {{hid::kKeyboardSize, "keyboard"},
                                                     {hid::kRelativeSize, "relative"},
                                                     {hid::kAbsoluteSize, "absolute"},
                                                     {hid::kConsumerSize, "consumer"}};

} // namespace

InputPipeline::InputPipeline(config::PipelineFile file, media::Values values, Functions functions,
                             std::string held)
    : file_{std::move(file)}, values_{std::move(values)},
      functions_{std::move(functions)}, pointer_{std::move(held)}
{
}

void InputPipeline::start()
{
    ways_.clear();
    auto made = media::Pipeline::create(file_, values_);
    if (!made)
        return failed(made.error());
    pipeline_ = std::move(*made);
    pipeline_->on_error = [this](const Error &e) { failed(e); };
    pipeline_->on_message = [this](const GstStructure &s) { message(s); };
    for (const auto &[size, name] : kWays) {
        const auto node = pipeline_->child((std::string{name} + "-node").c_str());
        if (auto source = pipeline_->child(name); source && node)
            ways_[size] = {std::move(source), node};
        char *device = nullptr;
        const auto function = functions_.find(name);
        if (node) {
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
/// The absolute pointer is left alone unless a button of it was down: its report moves it.
void InputPipeline::let_go()
{
    send(hid::kAllKeysUp);
    send(hid::RelativeReport{});
    send(hid::ConsumerReport{});
    if (const auto released = pointer_.released())
        send(*released);
}

void InputPipeline::failed(const Error &error)
{
    const Way *keys = keyboard();
    keys_lost_ +=
        (keys ? count(*keys, "reports-dropped") : 0) + 1; // and perhaps what was on its way
    ways_.clear();
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
    const auto found = ways_.find(report.size());
    if (found == ways_.end()) {
        keys_lost_ += key;
        return;
    }
    Way &way = found->second;
    if (waiting(way) >= kMaxWaiting)
        flush(report.size(), way);
    if (report.size() == hid::kAbsoluteSize)
        pointer_.note(report);
    GstBuffer *buffer = gst_buffer_new_memdup(report.data(), report.size());
    if (gst_app_src_push_buffer(GST_APP_SRC(way.source.get()), buffer) == GST_FLOW_OK)
        ++way.given;
    else
        keys_lost_ += key;
}

void InputPipeline::make_way()
{
    for (auto &[size, way] : ways_)
        if (waiting(way) > kFew)
            flush(size, way);
}

/// Drops what waits; the node lets go of what the reports before that pressed.
void InputPipeline::flush(size_t report_size, Way &way)
{
    const uint64_t dropped = count(way, "reports-dropped");
    gst_element_send_event(way.source.get(), gst_event_new_flush_start());
    gst_element_send_event(way.source.get(), gst_event_new_flush_stop(FALSE));
    const uint64_t received = count(way, "reports-received");
    const uint64_t lost = way.given - std::min(way.given, received);
    way.given = received;
    if (report_size == hid::kKeyboardSize)
        keys_lost_ += lost;
    const uint64_t all = lost + count(way, "reports-dropped") - dropped;
    if (on_problem && all > 0)
        on_problem({Kind::Busy, "the computer was too slow for " + std::to_string(all) +
                                    " reports to " + nodes_[report_size] +
                                    ", which were dropped; all keys and buttons are let go"});
}

uint64_t InputPipeline::count(const Way &way, const char *counter)
{
    guint64 count = 0;
    g_object_get(way.node.get(), counter, &count, nullptr);
    return count;
}

size_t InputPipeline::waiting(const Way &way)
{
    const uint64_t received = count(way, "reports-received"); // first: later ones are in neither
    return way.given - std::min(way.given, received) + count(way, "reports-waiting");
}

const InputPipeline::Way *InputPipeline::keyboard() const
{
    const auto way = ways_.find(hid::kKeyboardSize);
    return way == ways_.end() ? nullptr : &way->second;
}

size_t InputPipeline::keys_waiting() const
{
    const Way *way = keyboard();
    return way ? waiting(*way) : 0;
}

uint64_t InputPipeline::keys_lost() const
{
    const Way *way = keyboard();
    return keys_lost_ + (way ? count(*way, "reports-dropped") : 0);
}

std::optional<std::pair<std::string, std::string>> InputPipeline::node_for(size_t report_size) const
{
    const auto node = nodes_.find(report_size);
    if (ways_.empty() || node == nodes_.end())
        return std::nullopt;
    return std::pair{node->second, states_.at(node->second)};
}

hid::Nodes InputPipeline::nodes() const
{
    hid::Nodes out;
    for (const auto &[node, state] : states_)
        out[node].state = state;
    for (const auto &[size, way] : ways_)
        if (const auto path = nodes_.find(size); path != nodes_.end()) {
            hid::Node &node = out[path->second];
            node.sent += count(way, "reports-sent"); // virtual ones may share a name
            node.dropped += count(way, "reports-dropped");
            node.waiting += waiting(way);
        }
    return out;
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
