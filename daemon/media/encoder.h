// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/media/capture.h"
#include "daemon/media/frame_skip.h"
#include "lib/base/ages.h"
#include "lib/base/clock.h"

#include <chrono>
#include <optional>

namespace panto::media
{

/// Encoder: one codec for all who watch it; runs, and makes the capture run, while somebody does.
///
/// Drops    H.264 of a still screen, but for one picture every 0.6 s, once it is sharp; a key frame
///          that somebody asks for comes at once all the same
/// Threads  main loop; encoded frames arrive at the receivers on the streaming thread
class Encoder
{
public:
    /// One receiver's share; letting go ends it.
    class Watch
    {
    public:
        Watch() = default;
        Watch(Demand::Use use, Tap::Subscription subscription)
            : use_{std::move(use)}, subscription_{std::move(subscription)}
        {
        }
        explicit operator bool() const { return bool(use_); }

    private:
        Demand::Use use_;
        Tap::Subscription subscription_;
    };

    /// For somebody who has no picture yet.
    static constexpr std::chrono::milliseconds kApart{250};

    Encoder(config::PipelineFile file, Values values, Capture &capture);

    /// The receiver gets frames from now on; those of a video start with the next key frame only
    /// if it asks for one.
    Watch watch(Tap::Receive receive);
    /// Makes the next frame a key frame; or a later one, so that at least that much time passes
    /// since the last that was asked for: a request counts for all viewers together.
    void key_frame(std::chrono::milliseconds apart = kApart);
    /// Another value for what the pipeline's file sets from the configuration: at once, or by a new
    /// start where the element cannot change it while it plays. NotFound: nothing here takes it.
    Result<> set(const std::string &key, const std::string &value);
    /// Leaves pictures out that come sooner after the one before; 0: none.
    void limit_rate(unsigned fps) { skip_->limit_rate(fps); }
    /// Keeps below its bit rate, in kbit/s, where the element can change it while it plays.
    void throttle(unsigned kbps);
    /// The most that it is set to, in kbit/s; 0 for one that has no such thing.
    unsigned bit_rate() const;
    /// How many get what it makes.
    size_t watchers() const { return size_t(demand_.users()); }
    const std::string &name() const { return file_.name; }
    /// How old pictures were when they came out of it.
    const Ages &ages() const { return *ages_; }

    std::function<void(const Error &)> on_problem;

private:
    void start();
    void stop();
    void restart();
    void failed(const Error &error);
    void request_key_frame();
    void note_bit_rate();
    Values values_now() const;

    config::PipelineFile file_;
    Values values_;
    Capture &capture_;
    std::shared_ptr<Tap> encoded_ = std::make_shared<Tap>();
    std::unique_ptr<Pipeline> pipeline_;
    Demand::Use capturing_;
    std::shared_ptr<Ages> ages_ = std::make_shared<Ages>();
    Tap::Subscription pixels_, jpegs_, measuring_;
    Source retry_, key_frame_timer_;
    std::optional<Time> last_key_frame_, next_key_frame_;             ///< asked for
    unsigned throttle_ = 0;                                           ///< kbit/s; 0: none
    std::shared_ptr<FrameSkip> skip_ = std::make_shared<FrameSkip>(); ///< streaming threads' too
    Demand demand_;
};

} // namespace panto::media
