// SPDX-License-Identifier: LGPL-2.1-or-later
/// Which stream a viewer gets, and how it fares with it.
#include "daemon/webrtc/viewer.h"

#include <utility>

namespace panto::webrtc
{

namespace
{

constexpr auto kSilenceLimit = std::chrono::seconds{10}; // browsers report about once a second
// Between key frames that mend a picture: each is as big as ten other frames, and comes to all.
constexpr auto kMending = std::chrono::seconds{1};

} // namespace

/// A peer that vanishes without a word is known by the RTCP reports that no longer come.
void Viewer::watch_path()
{
    const auto heard = [weak = weak_from_this()](const Sample &sample) {
        post([weak, sample] {
            if (const auto viewer = weak.lock())
                viewer->take_report(sample);
        });
    };
    path_ = Path::watch(pipeline_->child("pay").get(), webrtc_.get(), ssrc_, heard);
    life_ = every(std::chrono::seconds{1}, [this] {
        if (steady_now() - path_->heard().last > kSilenceLimit)
            end({Kind::Unavailable, "nothing heard from the peer for 10 s"});
    });
}

void Viewer::take_report(const Sample &sample)
{
    rate_.take(sample, steady_now());
    if (on_report && connected())
        on_report();
}

media::Encoder &Viewer::encoder() const
{
    return *media_.encoder(tier_ == Tier::Full ? codec_ : codec_ + media::kLow);
}

void Viewer::watch_stream()
{
    feeding_->choose(++stream_);
    coming_ = encoder().watch([f = feeding_, n = stream_](GstSample *s) { f->push(n, s); });
    encoder().key_frame();
}

void Viewer::change_to(Tier tier)
{
    if (connected() && std::exchange(tier_, tier) != tier)
        watch_stream();
}

void Viewer::stream_began(unsigned stream)
{
    if (stream == stream_ && coming_)
        watch_ = std::move(coming_); // and the one before is left
}

void Viewer::want_key_frame(unsigned stream)
{
    if (stream == stream_)
        encoder().key_frame();
}

/// One that is on its way already is the answer to what was asked before it could be there.
void Viewer::asked_for_key_frame()
{
    if (!connected())
        return;
    ++key_frames_wanted_;
    const auto last = feeding_->last_key_frame();
    const auto trip = path_->heard().round_trip;
    if (!last || !trip || steady_now() - *last >= *trip)
        encoder().key_frame(kMending);
}

Figures Viewer::figures() const
{
    return {codec_,
            tier_,
            rate_.kbps(),
            rate_.reason(),
            key_frames_wanted_,
            path_->heard(),
            path_->ages().count(),
            path_->ages().read(),
            feeding_->counts()};
}

} // namespace panto::webrtc
