// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/media/pipeline.h"
#include "lib/glib/source.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

namespace panto::app
{

/// InputPipeline: carries reports into the input pipeline, one appsrc for each kind.
///
/// Errors   a pipeline that fails is reported to on_problem and built anew every second
/// Threads  main loop only
class InputPipeline
{
public:
    /// The folders of our own gadget's HID functions, by the names of the appsrcs. Their nodes are
    /// opened in place of those that the values name: the kernel may have numbered them otherwise.
    using Functions = std::map<std::string, std::string>;

    InputPipeline(config::PipelineFile file, media::Values values, Functions functions);

    /// 8 bytes go to the keyboard, 4 to the relative, 6 to the absolute pointer, 2 are a consumer
    /// key.
    void send(std::span<const uint8_t> report);
    void start();

    /// Key reports that the computer has yet to take.
    size_t keys_waiting() const;
    /// Key reports given up, since this was made.
    uint64_t keys_lost() const;
    /// The node that reports of this size go to and its state; nothing while no pipeline runs.
    std::optional<std::pair<std::string, std::string>> node_for(size_t report_size) const;
    /// The last state of each node that has told one.
    const std::map<std::string, std::string> &states() const { return states_; }

    std::function<void(unsigned leds)> on_leds;
    /// A node's state changed: online, asleep, offline or gone.
    std::function<void(const std::string &node, const std::string &state)> on_state;
    std::function<void(const Error &)> on_problem;

private:
    void failed(const Error &error);
    void let_go();
    uint64_t keys(const char *counter) const;
    void message(const GstStructure &s);

    config::PipelineFile file_;
    media::Values values_;
    Functions functions_;
    std::unique_ptr<media::Pipeline> pipeline_;
    std::map<size_t, Ref<GstElement>> sources_; // by report size
    Ref<GstElement> keyboard_;
    uint64_t keys_given_ = 0;             // to this pipeline
    uint64_t keys_lost_ = 0;              // by those before, and by none
    std::map<size_t, std::string> nodes_; // by report size
    std::map<std::string, std::string> states_;
    Source retry_;
};

} // namespace panto::app
