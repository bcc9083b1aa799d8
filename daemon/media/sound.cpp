// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/media/sound.h"

#include "daemon/media/sound_card.h"

namespace panto::media
{

namespace
{

constexpr auto kLinger = std::chrono::seconds{2};
constexpr auto kClosing = std::chrono::milliseconds{100};
constexpr auto kRetry = std::chrono::milliseconds{900};
constexpr char kTail[] = "appsink name=packets sync=false max-buffers=10 drop=true";

Hearing none_belongs_to(const std::string &video)
{
    Hearing none;
    none.reason = video == "virtual" ? "the virtual computer has no sound card"
                                     : "no sound card belongs to " + video;
    none.cure = "name one in server.yaml: audio.device (arecord -L lists them)";
    return none;
}

} // namespace

Hearing explain(const Error &error, const std::string &device, bool heard)
{
    switch (error.code) {
    case GST_RESOURCE_ERROR_BUSY:
        return {"busy", "another program records from " + device, "end that program"};
    case GST_RESOURCE_ERROR_READ:
        return {"device-lost", "the sound card was taken away: " + device, "plug it in again"};
    case GST_RESOURCE_ERROR_NOT_FOUND:
    case GST_RESOURCE_ERROR_OPEN_READ:
        if (heard)
            return {"device-lost", "the sound card was taken away: " + device, "plug it in again"};
        return {"no-device", "there is no sound card " + device,
                "plug it in, or name another in server.yaml: audio.device (arecord -L lists them)"};
    default:
        return {"failed", error.message,
                "see the kernel's log (dmesg) for what the sound card's driver says"};
    }
}

Sound::Sound(const config::Config &config, Result<config::PipelineFile> file, Values values)
    : wished_{config.audio.device}, video_{config.video.device}, file_{std::move(file)},
      values_{std::move(values)}, demand_{kLinger, [this] { start(); }, [this] { stop(); }}
{
    look();
}

/// Finds the device anew: cards come and go.
void Sound::look()
{
    const bool fixed = wished_ != "auto";
    const std::string found = wished_ == "off"      ? ""
                              : fixed               ? wished_
                              : video_ == "virtual" ? ""
                                                    : sound_card_of(video_);
    if (!found.empty() && found != device_) {
        device_ = found;
        heard_ = false;
    }
    if (demand_.wanted())
        return;
    if (wished_ == "off")
        tell({"off", "audio.device is off in server.yaml", ""});
    else if (device_.empty())
        tell(none_belongs_to(video_));
    else if (!file_)
        tell({"failed", file_.error().message, "install gstreamer1.0-alsa"});
    else if (hearing_.state == "off" || hearing_.state == "failed")
        tell({"idle", "", ""});
}

bool Sound::offered()
{
    look();
    return !device_.empty() && file_;
}

Sound::Watch Sound::listen(Tap::Receive receive)
{
    auto subscription = encoded_->subscribe(std::move(receive));
    return Watch{demand_.use(), std::move(subscription)};
}

void Sound::start()
{
    look();
    values_["audio.device"] = device_;
    auto made = Pipeline::create(*file_, values_, "", kTail);
    if (!made)
        return failed(made.error());
    pipeline_ = std::move(*made);
    connect_tap(*pipeline_, "packets", encoded_);
    pipeline_->on_error = [this](const Error &e) { failed(e); };
    arrival_ = encoded_->subscribe([weak = self_.weak(), said = false](GstSample *) mutable {
        if (std::exchange(said, true))
            return;
        post([weak] {
            Sound *self = alive(weak);
            if (!self || !self->pipeline_)
                return;
            self->arrival_ = {};
            self->heard_ = true;
            self->tell({"ok", "", ""});
        });
    });
    if (auto playing = pipeline_->play(); !playing)
        failed(playing.error());
}

void Sound::stop()
{
    retry_ = {};
    arrival_ = {};
    pipeline_.reset();
    tell({"idle", "", ""});
}

void Sound::failed(const Error &error)
{
    arrival_ = {};
    tell(explain(error, device_, heard_));
    // The device is closed first: who opens it twice is told that it is busy.
    retry_ = after(kClosing, [this] {
        pipeline_.reset();
        retry_ = after(kRetry, [this] { start(); });
    });
}

void Sound::tell(Hearing now)
{
    if (now == hearing_)
        return;
    hearing_ = std::move(now);
    if (on_hearing)
        on_hearing(hearing_);
}

} // namespace panto::media
