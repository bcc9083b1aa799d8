// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/config/schema.h"
#include "daemon/media/encoder.h"
#include "lib/base/alive.h"

#include <optional>
#include <string>

namespace panto::media
{

/// How the computer's sound stands: off (none, or not wanted), idle (nobody listens), ok,
/// no-device, busy, device-lost or failed.
struct Hearing {
    std::string state = "off";
    std::string reason; ///< why there is none, and
    std::string cure;   ///< what a person can do about it; both empty when all is well

    bool operator==(const Hearing &) const = default;
};

/// What an error of the sound's pipeline means for `device`; `heard` when it gave sound before.
Hearing explain(const Error &error, const std::string &device, bool heard);

/// Sound: what the computer plays, captured and encoded as Opus once for all who listen, and only
/// while somebody does. It is a pipeline of its own, so that none of its troubles reaches the
/// video.
///
/// Errors   a pipeline that fails is built anew every second while somebody listens; why it failed
///          is told by hearing()
/// Proven on  snd-aloop, in the lab
/// Threads  main loop; packets arrive at the receivers on the streaming thread
class Sound
{
public:
    using Watch = Encoder::Watch;

    /// `file` captures from ALSA, or is the virtual computer's bell; the Error says why none works.
    Sound(const config::Config &config, Result<config::PipelineFile> file, Values values);

    /// Whether a viewer who comes now is to be offered sound: a device was named, or there is one.
    bool offered();
    Watch listen(Tap::Receive receive);
    const Hearing &hearing() const { return hearing_; }

    std::function<void(const Hearing &)> on_hearing;

private:
    void look();
    void start();
    void stop();
    void failed(const Error &error);
    void tell(Hearing now);

    std::string wished_, video_;
    Result<config::PipelineFile> file_;
    Values values_;
    std::string device_; // the last that was found
    bool heard_ = false; // since it was found
    Hearing hearing_;
    std::shared_ptr<Tap> encoded_ = std::make_shared<Tap>();
    std::unique_ptr<Pipeline> pipeline_;
    Tap::Subscription arrival_;
    Source retry_;
    Self<Sound> self_{this};
    Demand demand_;
};

} // namespace panto::media
