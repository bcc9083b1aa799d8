// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/venc/encoder.h"

#include <utility>

namespace panto::venc
{

namespace
{

using namespace std::chrono_literals;

constexpr unsigned kLostInARow = 3;
constexpr unsigned kWellAgain = 30; // pictures after which it may be opened anew once more
constexpr auto kAdjustEvery = 250ms;

} // namespace

/// What the session answers; nothing when it hangs.
template <class T>
std::optional<T> Encoder::ask(std::function<T(Session &)> what)
{
    if (!worker_)
        return std::nullopt;
    const auto answer = std::make_shared<std::optional<T>>(); // a late one still has a place
    const bool in_time = worker_->run(
        [answer, what = std::move(what)](Session &s) { answer->emplace(what(s)); }, limits_.call);
    if (!in_time)
        return std::nullopt;
    return std::move(*answer);
}

Result<Capabilities> Encoder::open(Codec codec)
{
    close();
    codec_ = codec;
    PANTO_TRY(session, make_());
    worker_ = std::make_unique<Worker>(std::move(session), limits_.close);
    auto answer = ask<Result<Capabilities>>([codec](Session &s) { return s.open(codec); });
    if (!answer)
        answer = Error{Kind::Timeout, "the encoder hangs while it is opened"};
    if (!*answer)
        close();
    return std::move(*answer);
}

Result<> Encoder::configure(const Video &video, const Settings &settings)
{
    video_ = video;
    settings_ = settings;
    adjusted_ = {};
    auto answer = ask<Result<>>([=](Session &s) { return s.configure(video, settings); });
    if (!answer) {
        close();
        return Error{Kind::Timeout, "the encoder hangs while it is configured"};
    }
    return std::move(*answer);
}

void Encoder::close()
{
    worker_.reset();
    lost_in_a_row_ = 0;
    since_reopened_ = ~0u;
    idr_owed_ = false;
}

Result<> Encoder::reopen()
{
    stats_.note_reopened();
    PANTO_TRY(capabilities, open(codec_));
    static_cast<void>(capabilities);
    auto configured = configure(video_, settings_);
    since_reopened_ = 0;
    return configured;
}

Outcome Encoder::ended(Error error)
{
    close();
    return Ended{std::move(error)};
}

bool Encoder::adjust_due(const Settings &settings)
{
    if (settings.same_live(settings_) || now_() - adjusted_ < kAdjustEvery)
        return false;
    adjusted_ = now_();
    settings_ = settings;
    return true;
}

Outcome Encoder::encode(const Picture &picture, const Settings &settings, bool idr)
{
    bool adjust = adjust_due(settings);
    for (;;) {
        const auto begun = now_();
        const bool key = idr || std::exchange(idr_owed_, false);
        auto answer = ask<Encoded>([=, s = settings_](Session &session) {
            if (adjust)
                session.adjust(s);
            if (key)
                session.request_idr();
            return session.encode(picture);
        });
        if (!answer)
            return ended({Kind::Timeout, "the encoder hangs"});
        if (auto *packet = std::get_if<Packet>(&*answer)) {
            lost_in_a_row_ = 0;
            if (since_reopened_ != ~0u && ++since_reopened_ >= kWellAgain)
                since_reopened_ = ~0u;
            stats_.note_frame(std::chrono::duration_cast<std::chrono::microseconds>(now_() - begun),
                              packet->keyframe, packet->copied, packet->qp);
            return std::move(*packet);
        }
        if (std::holds_alternative<Dropped>(*answer)) {
            idr_owed_ = key;
            stats_.note_dropped();
            return Dropped{};
        }
        auto &failed = std::get<Failed>(*answer);
        stats_.note_failed();
        idr_owed_ = true; // what follows would refer to what is lost
        if (!failed.stuck && ++lost_in_a_row_ < kLostInARow)
            return std::move(failed);
        if (since_reopened_ != ~0u)
            return ended(std::move(failed.error));
        if (auto again = reopen(); !again)
            return ended(std::move(again.error()));
        adjust = false; // it was configured with them
    }
}

} // namespace panto::venc
