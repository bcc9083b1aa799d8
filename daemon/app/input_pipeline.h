// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/app/held_pointer.h"
#include "daemon/hid/node.h"
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
/// Drops    what waits, when the computer takes it too slowly and when what is held must be let go
///          at once; the last report always arrives
/// Errors   a pipeline that fails is reported to on_problem and built anew every second
/// Threads  main loop only
class InputPipeline
{
public:
    /// The folders of our own gadget's HID functions, by the names of the appsrcs. Their nodes are
    /// opened in place of those that the values name: the kernel may have numbered them otherwise.
    using Functions = std::map<std::string, std::string>;

    /// What is down on the absolute pointer is noted in `held`, a file.
    InputPipeline(config::PipelineFile file, media::Values values, Functions functions,
                  std::string held);

    /// 8 bytes go to the keyboard, 4 to the relative, 6 to the absolute pointer, 2 are a consumer
    /// key.
    void send(std::span<const uint8_t> report);
    void start();
    /// What is sent next will arrive soon: drops what a computer has not taken yet, and more than a
    /// few reports of it, and lets go of what that left down.
    void make_way();

    /// Key reports that the computer has yet to take.
    size_t keys_waiting() const;
    /// Key reports given up, since this was made.
    uint64_t keys_lost() const;
    /// The node that reports of this size go to and its state; nothing while no pipeline runs.
    std::optional<std::pair<std::string, std::string>> node_for(size_t report_size) const;
    /// The last state of each node that has told one.
    const std::map<std::string, std::string> &states() const { return states_; }
    /// These nodes, and what became of the reports for each.
    hid::Nodes nodes() const;

    std::function<void(unsigned leds)> on_leds;
    /// A node's state changed: online, asleep, offline or gone.
    std::function<void(const std::string &node, const std::string &state)> on_state;
    std::function<void(const Error &)> on_problem;

private:
    struct Way {
        Ref<GstElement> source, node;
        uint64_t given = 0; // reports, to this pipeline
    };

    static uint64_t count(const Way &way, const char *counter);
    static size_t waiting(const Way &way);
    const Way *keyboard() const;
    void failed(const Error &error);
    void let_go();
    void flush(size_t report_size, Way &way);
    void message(const GstStructure &s);

    config::PipelineFile file_;
    media::Values values_;
    Functions functions_;
    std::unique_ptr<media::Pipeline> pipeline_;
    std::map<size_t, Way> ways_; // by report size; none while no pipeline runs
    uint64_t keys_lost_ = 0;     // by pipelines before, by none, and on the way to one
    HeldPointer pointer_;
    std::map<size_t, std::string> nodes_; // by report size
    std::map<std::string, std::string> states_;
    Source retry_;
};

} // namespace panto::app
