// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/media/ages.h"
#include "daemon/media/capture.h"
#include "daemon/media/frame_skip.h"

namespace panto::media
{

/// Encoder: one codec for all who watch it; runs, and makes the capture run, while somebody does.
///
/// Drops    H.264 of a still screen, but for one picture a second, once it is sharp; a key frame
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

    Encoder(config::PipelineFile file, Values values, Capture &capture);

    /// The receiver gets frames from now on; those of a video start with the next key frame only
    /// if it asks for one.
    Watch watch(Tap::Receive receive);
    /// Makes the next frame a key frame; requests of all viewers together are limited in rate.
    void key_frame();
    /// Another value for what the pipeline's file sets from the configuration: at once, or by a new
    /// start where the element cannot change it while it plays. NotFound: nothing here takes it.
    Result<> set(const std::string &key, const std::string &value);
    /// Leaves pictures out that come sooner after the one before; 0: none.
    void limit_rate(unsigned fps) { skip_->limit_rate(fps); }
    const std::string &name() const { return file_.name; }
    /// How old pictures were when they came out of it.
    const Ages &ages() const { return *ages_; }

    std::function<void(const Error &)> on_problem;

private:
    void start();
    void stop();
    void restart();
    void failed(const Error &error);
    void send_key_frame_request();
    void note_bit_rate();

    config::PipelineFile file_;
    Values values_;
    Capture &capture_;
    std::shared_ptr<Tap> encoded_ = std::make_shared<Tap>();
    std::unique_ptr<Pipeline> pipeline_;
    Demand::Use capturing_;
    std::shared_ptr<Ages> ages_ = std::make_shared<Ages>();
    Tap::Subscription pixels_, jpegs_, measuring_;
    Source retry_, key_frame_timer_;
    bool key_frame_wanted_ = false;
    std::shared_ptr<FrameSkip> skip_ = std::make_shared<FrameSkip>(); ///< streaming threads' too
    Demand demand_;
};

} // namespace panto::media
