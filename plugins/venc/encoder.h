// SPDX-License-Identifier: LGPL-2.1-or-later
/// Encoder: a session with a time limit on each call, and with what is done when it fails.
///
/// Errors   a lost picture is counted, and the next one is an IDR. Three in a row, or a session
///          that is stuck, and it is opened anew, once; what fails then ends it. A call that hangs
///          ends it at once: the session is left behind, and goes when the hardware lets it.
#pragma once

#include "lib/base/clock.h"
#include "plugins/venc/stats.h"
#include "plugins/venc/worker.h"

namespace panto::venc
{

/// The encoder is of no use any more until it is opened again.
struct Ended {
    Error error;
};

using Outcome = std::variant<Packet, Dropped, Failed, Ended>;

/// Threads  one at a time, stats() on any
class Encoder
{
public:
    /// Together they keep any call below two seconds.
    struct Limits {
        std::chrono::milliseconds call{800};
        std::chrono::milliseconds close{500};
    };

    using Make = std::function<Result<std::unique_ptr<Session>>()>;

    explicit Encoder(Make make, Limits limits, Clock now = steady_now)
        : make_{std::move(make)}, limits_{limits}, now_{std::move(now)}
    {
    }

    /// Opens it for the first time, or anew: all that was configured is gone.
    Result<Capabilities> open(Codec codec);
    Result<> configure(const Video &video, const Settings &settings);
    /// The live ones of the settings are brought into force first, at most four times a second.
    Outcome encode(const Picture &picture, const Settings &settings, bool idr);
    void close();

    Stats &stats() { return stats_; }
    const Stats &stats() const { return stats_; }

private:
    template <class T>
    std::optional<T> ask(std::function<T(Session &)> what);
    Result<> reopen();
    Outcome ended(Error error);
    bool adjust_due(const Settings &settings);

    const Make make_;
    const Limits limits_;
    const Clock now_;
    std::unique_ptr<Worker> worker_;
    Codec codec_{};
    Video video_;
    Settings settings_; // in force
    Time adjusted_{};
    bool idr_owed_ = false;
    unsigned lost_in_a_row_ = 0;
    unsigned since_reopened_ = ~0u; // pictures that went well
    Stats stats_;
};

} // namespace panto::venc
