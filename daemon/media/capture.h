// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/media/demand.h"
#include "daemon/media/pipeline.h"
#include "daemon/media/tap.h"

#include <string>

namespace panto::media
{

/// What the capture says of its input; the state is one of kvmsrc's kvm-signal states.
struct Signal {
    std::string state = "unknown";
    unsigned width = 0;
    unsigned height = 0;
    double fps = 0;
    std::string reason; ///< why there is no picture, and
    std::string cure;   ///< what a person can do about it; both empty when ok

    bool operator==(const Signal &) const = default;
};

/// Capture: the one pipeline that reads the picture; runs while somebody uses it.
///
/// Errors   a pipeline that fails is built anew every second while it is used
/// Threads  main loop; frames arrive at the tap on the streaming thread
class Capture
{
public:
    Capture(config::PipelineFile file, Values values);

    Demand::Use use() { return demand_.use(); }
    Tap &frames() { return *frames_; }
    const Signal &signal() const { return signal_; }

    std::function<void(const Signal &)> on_signal;
    std::function<void(const Error &)> on_problem;

private:
    void start();
    void failed(const Error &error);
    void message(const GstStructure &s);

    config::PipelineFile file_;
    Values values_;
    std::shared_ptr<Tap> frames_ = std::make_shared<Tap>();
    Signal signal_;
    std::unique_ptr<Pipeline> pipeline_;
    Source retry_;
    Demand demand_;
};

/// Passes every sample that arrives at the pipeline's appsink on to the tap.
void connect_tap(const Pipeline &pipeline, const char *appsink, std::shared_ptr<Tap> tap);

} // namespace panto::media
