// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/media/demand.h"
#include "daemon/media/pipeline.h"
#include "daemon/media/tap.h"
#include "lib/base/ages.h"
#include "lib/base/alive.h"

#include <memory>
#include <optional>
#include <string>

namespace panto::media
{

/// What the capture says of its input; the state is one of kvmsrc's kvm-signal states, or "unknown"
/// while nobody watches.
struct Signal {
    std::string state = "unknown"; ///< one of kvmsrc's, or "off": it is switched off
    unsigned width = 0;
    unsigned height = 0;
    double fps = 0;
    std::string reason; ///< why there is no picture, and
    std::string cure;   ///< what a person can do about it; both empty when ok

    bool operator==(const Signal &) const = default;
};

/// Why there is no picture while the capture is switched off.
inline constexpr char kSwitchedOff[] = "the capture is switched off";

/// Capture: the one pipeline that reads the picture; runs while somebody uses it.
///
/// A stick that sends JPEG only is decoded, once for all, while somebody wants pixels.
///
/// Errors   a pipeline that fails is built anew every second while it is used; until it works the
///          signal is stalled, or device-lost if it was the device that could not be opened, and
///          its reason what failed
/// Proven on  vivid, in the lab: through every state of the signal with one viewer, and its module
///          taken out and put in again; the JPEGs of a stick on an emulated one only
/// Threads  main loop; frames arrive at the tap on the streaming thread
class Capture
{
public:
    Capture(config::PipelineFile file, std::optional<config::PipelineFile> decoder, Values values);

    Demand::Use use() { return demand_.use(); }
    /// Switched off, it reads no picture though somebody uses it.
    void enable(bool on);
    bool enabled() const { return enabled_; }
    /// Lets go of the device while somebody holds this; goes on, if it is still used, after that.
    using Pause = std::shared_ptr<void>;
    Pause pause();
    /// How long it goes on when the last user is gone; 0: 3 s.
    void linger(std::chrono::milliseconds time);
    /// Each picture as the device sends it comes at one of these two,
    Tap &pixels() { return *taps_->pixels; }
    Tap &jpegs() { return *taps_->jpegs; }
    /// and those of jpegs() at this one, too.
    Tap &decoded() { return *taps_->decoded; }
    const Signal &signal() const { return signal_; }
    /// How old pictures were when they came in.
    const Ages &ages() const { return taps_->ages; }
    /// Whether the signal is of now: nobody looks at it while nobody uses it.
    bool used() const { return demand_.running(); }

    std::function<void(const Signal &)> on_signal;
    std::function<void(const Error &)> on_problem;

private:
    void start();
    void restart();
    void end();
    void take_down();
    void failed(const char *state, const Error &error);
    void message(const GstStructure &s);
    void tell(const Signal &now);

    Result<> start_decoder();

    /// Shared with the streaming thread.
    struct Taps {
        std::shared_ptr<Tap> pixels = std::make_shared<Tap>();
        std::shared_ptr<Tap> jpegs = std::make_shared<Tap>();
        std::shared_ptr<Tap> decoded = std::make_shared<Tap>();
        Ages ages;
    };

    config::PipelineFile file_;
    std::optional<config::PipelineFile> decoder_file_;
    Values values_;
    std::shared_ptr<Taps> taps_ = std::make_shared<Taps>();
    std::unique_ptr<Pipeline> decoder_;
    std::shared_ptr<Tap> frames_ = std::make_shared<Tap>();
    Tap::Subscription sorting_, decoding_;
    Signal signal_;
    std::unique_ptr<Pipeline> pipeline_;
    Source retry_;
    bool enabled_ = true;
    std::weak_ptr<void> paused_;
    Demand demand_;
    Self<Capture> self_{this};
};

/// Passes every sample that arrives at the pipeline's appsink on to the tap.
void connect_tap(const Pipeline &pipeline, const char *appsink, std::shared_ptr<Tap> tap);

} // namespace panto::media
