// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/kvmsrc/capture_source.h"

#include "plugins/kvmsrc/formats.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <poll.h>
#include <sys/eventfd.h>
#include <tuple>

GST_DEBUG_CATEGORY_EXTERN(kvmsrc_debug);
#define GST_CAT_DEFAULT kvmsrc_debug

namespace panto::kvm
{

namespace
{

using namespace std::chrono_literals;

constexpr auto kReopen = 100ms;       // between two tries to open a device that is away
constexpr auto kLookAgain = 150ms;    // between two looks at an input without a signal
constexpr auto kLookAnyway = 200ms;   // while streaming: not every loss of signal comes as an event
constexpr auto kLookTwice = 100ms;    // before one odd look at a good stream is believed
constexpr auto kRecover = 100ms;      // from a broken stream to a new one
constexpr auto kMute = 400ms;         // without a frame, though there is a signal
constexpr auto kPatience = 2s;        // with a mute stream at first; then twice as long each time,
constexpr auto kMostPatience = 16s;   // up to this: some sticks take seconds to their first frame
constexpr auto kStale = 100ms;        // a frame this much older than our resuming lay in the queue
constexpr unsigned kLeastWaiting = 2; // buffers the driver must keep to go on capturing

auto now()
{
    return std::chrono::steady_clock::now();
}

} // namespace

CaptureSource::CaptureSource(GstElement *element, Options options)
    : element_{element}, options_{std::move(options)},
      interrupt_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)}, mode_{options_.wanted}, patience_{
                                                                                        kPatience}
{
    g_assert(interrupt_); // fails when the process is out of descriptors
}

Result<> CaptureSource::start()
{
    auto opened = Capture::open(options_.device);
    if (opened) {
        capture_.emplace(std::move(*opened));
        look();
        return ok;
    }
    Error &error = opened.error();
    const bool away = error.kind == Kind::NotFound;
    signal_ = {error.kind == Kind::Busy ? State::Busy : State::DeviceLost};
    if (error.kind == Kind::Busy || (away && options_.wait_for_device))
        return ok;
    if (away)
        error.message += "; plug the capture device in, name another, or set wait-for-device=true";
    if (error.kind == Kind::Denied)
        error.message += "; let this user into the group video";
    return std::move(error);
}

void CaptureSource::stop()
{
    end_stream();
    capture_.reset();
    fixed_ = {};
}

void CaptureSource::unlock(bool flushing)
{
    uint64_t count = 1;
    if (flushing) {
        (void)!::write(interrupt_.get(), &count, sizeof count);
    } else {
        (void)!::read(interrupt_.get(), &count, sizeof count);
    }
}

Signal CaptureSource::signal() const
{
    if (signal_.state != State::Ok || (queue_ && !stalled_))
        return signal_;
    // A signal without a stream, or a stream without frames, is no picture either. The mode is the
    // computer's to change only where the device follows it.
    Signal shown = refusals_.shown();
    if (capture_ && !capture_->follows_timings())
        shown.state = State::Stalled;
    return shown;
}

GstClockTime CaptureSource::latency() const
{
    const Rate &r = mode_.rate;
    return r.numerator ? gst_util_uint64_scale(GST_SECOND, r.denominator, r.numerator) : 0;
}

Ref<GstCaps> CaptureSource::caps() const
{
    return capture_ ? to_caps(capture_->offers(mode_)) : any_caps(mode_);
}

/// Never what the device failed to do if there is anything else; nearest to the wanted size first,
/// then fast enough, then the best format.
Ref<GstCaps> CaptureSource::choose(Ref<GstCaps> possible) const
{
    using Score = std::tuple<bool, unsigned, double, unsigned>;
    std::optional<Score> best;
    Ref<GstCaps> chosen;
    const auto apart = [](unsigned a, unsigned b) { return a > b ? a - b : b - a; };
    for (guint i = 0; i < gst_caps_get_size(possible.get()); ++i) {
        auto one = Ref<GstCaps>::adopt(gst_caps_copy_nth(possible.get(), i));
        GstStructure *s = gst_caps_get_structure(one.get(), 0);
        gst_structure_fixate_field_nearest_fraction(s, "framerate", int(mode_.rate.numerator),
                                                    int(mode_.rate.denominator));
        one = Ref<GstCaps>::adopt(gst_caps_fixate(one.give()));
        const Mode m = mode_of(one.get());
        const auto rank = rank_of(fourcc_of(one.get()));
        const auto rate = [](const Rate &r) { return double(r.numerator) / r.denominator; };
        const bool refused = refusals_.has({fourcc_of(one.get()), m});
        const Score score{refused, apart(m.width, mode_.width) + apart(m.height, mode_.height),
                          std::max(0.0, rate(mode_.rate) - rate(m.rate)), rank.value_or(~0u)};
        if (!best || score < *best) {
            best = score;
            chosen = one;
        }
    }
    return chosen;
}

/// Asks the device what its input sees; true when it is time to take pictures of it.
bool CaptureSource::look()
{
    const Signal seen = capture_->detect();
    const bool same = signal_.state == State::Ok && still(seen);
    signal_ = seen;
    retry_ = now() + kLookAgain;
    if (signal_.state == State::DeviceLost) {
        lose({Kind::NotFound, "the device is gone"});
        return false;
    }
    if (signal_.state != State::Ok) {
        stalled_ = false;
        patience_ = kPatience;
        return false;
    }
    if (capture_->follows_timings())
        mode_ = {signal_.width, signal_.height, signal_.rate};
    if (!same) {
        GST_INFO_OBJECT(element_, "signal %ux%u", signal_.width, signal_.height);
        refusals_.settle();
        again_ = {};
    }
    return now() >= again_;
}

void CaptureSource::end_stream()
{
    if (!queue_)
        return;
    queue_->stop();
    dropped_before_ += queue_->dropped();
    queue_.reset();
    ++figures_.restarts;
}

void CaptureSource::lose(const Error &error)
{
    GST_WARNING_OBJECT(element_, "%s: %s", options_.device.c_str(), error.message.c_str());
    end_stream();
    capture_.reset();
    deaf_ = false;
    signal_ = {State::DeviceLost};
    retry_ = now() + kReopen;
}

Result<Ref<GstCaps>> CaptureSource::configure(const Ref<GstCaps> &fixed)
{
    if (queue_ && fixed_ && gst_caps_is_equal(fixed_.get(), fixed.get()))
        return ready_;
    end_stream();
    fixed_ = ready_ = fixed;
    if (!capture_ || signal_.state != State::Ok)
        return fixed; // for the drawn frame
    auto started = start_stream();
    if (started)
        return ready_;
    Error &error = started.error();
    if (error.code == ENODEV || error.code == ENXIO) {
        lose(error);
    } else if (error.kind == Kind::Busy) {
        signal_ = {State::Busy};
        retry_ = now() + kReopen;
    } else {
        const auto wait = refusals_.add({fourcc_of(fixed.get()), mode_of(fixed.get())}, error);
        again_ = now() + wait;
        retry_ = {}; // the mode may have changed under our hands: we look again
    }
    const bool told = std::exchange(told_, error.message) == error.message;
    GST_CAT_LEVEL_LOG(GST_CAT_DEFAULT, told ? GST_LEVEL_DEBUG : GST_LEVEL_WARNING, element_,
                      "%s: %s", options_.device.c_str(), error.message.c_str());
    return fixed;
}

Result<> CaptureSource::start_stream()
{
    const Mode mode = mode_of(fixed_.get());
    PANTO_TRY(layout, capture_->configure(fourcc_of(fixed_.get()), mode));
    if (layout.row_bytes && info_of(fixed_, layout).size > layout.frame_bytes)
        return Error{Kind::Conflict, "the device's frames are too small for their format"};
    PANTO_TRY(queue, capture_->start(options_.buffers, options_.dmabuf));
    queue_ = std::move(queue);
    deaf_ = doubted_ = false;
    look_ = now() + kLookAnyway;
    signal_ = {State::Ok, mode.width, mode.height, mode.rate, signal_.interlaced};
    pictures_ = false;
    ready_ = with_colorimetry(fixed_, layout);
    wrapper_.set_format(ready_, layout);
    if (options_.dmabuf && !queue_->exported())
        GST_WARNING_OBJECT(element_, "the driver exports no descriptors: plain memory instead");
    alive_ = now();
    return ok;
}

Taken CaptureSource::take()
{
    for (;;) {
        if (resume_.exchange(false))
            resumed_ = alive_ = now();
        if (auto taken = !capture_ ? reopen() : !queue_ ? watch() : stream())
            return std::move(*taken);
    }
}

std::chrono::milliseconds CaptureSource::until(Instant then) const
{
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(then - now());
    return std::clamp<std::chrono::milliseconds>(left, 0ms, kNoticeEvery);
}

std::optional<Taken> CaptureSource::notice_if_due()
{
    const State state = signal().state; // another one is shown at once
    if (std::exchange(noticed_state_, state) == state && now() < noticed_ + kNoticeEvery)
        return {};
    noticed_ = now();
    return Taken{Taken::What::NoPicture};
}

/// While the device is away.
std::optional<Taken> CaptureSource::reopen()
{
    pollfd interrupted{interrupt_.get(), POLLIN, 0};
    ::poll(&interrupted, 1, int(until(std::min(retry_, noticed_ + kNoticeEvery)).count()));
    if (interrupted.revents)
        return Taken{Taken::What::Flushing};
    if (now() >= retry_) {
        retry_ = now() + kReopen;
        auto opened = Capture::open(options_.device);
        if (opened) {
            capture_.emplace(std::move(*opened));
            if (look())
                return Taken{Taken::What::NewCaps};
        } else {
            signal_ = {opened.error().kind == Kind::Busy ? State::Busy : State::DeviceLost};
        }
    }
    return notice_if_due();
}

/// While the device is there, but no stream.
std::optional<Taken> CaptureSource::watch()
{
    const auto what = deaf_ ? Capture::For::Nothing : Capture::For::Events;
    const auto wake =
        capture_->wait(interrupt_.get(), what, until(std::min(retry_, noticed_ + kNoticeEvery)));
    if (wake == Capture::Wake::Interrupted)
        return Taken{Taken::What::Flushing};
    if (wake == Capture::Wake::Broken)
        deaf_ = true; // gone, or a driver that answers so while idle: the next look tells
    const bool event = wake == Capture::Wake::Event && capture_->source_changed();
    if ((event || now() >= retry_) && look())
        return Taken{Taken::What::NewCaps};
    return notice_if_due();
}

std::optional<Taken> CaptureSource::stream()
{
    if (input_slipped())
        return restart();
    Instant next = alive_ + mute_after();
    if (stalled_)
        next = std::min(alive_ + patience_, noticed_ + kNoticeEvery);
    next = std::min(next, look_);
    switch (capture_->wait(interrupt_.get(), Capture::For::Frames, until(next))) {
    case Capture::Wake::Interrupted:
        return Taken{Taken::What::Flushing};
    case Capture::Wake::Frame: {
        auto picture = take_newest();
        if (!picture)
            return recover(picture.error());
        if (*picture)
            return std::move(*picture);
        break; // broken: a stream of such frames only is as good as mute
    }
    case Capture::Wake::Event:
        if (!capture_->source_changed())
            break;
        return restart();
    case Capture::Wake::Broken:
        return recover({Kind::Unavailable, "the stream broke off"});
    case Capture::Wake::Timeout:
        break;
    }
    return now() < alive_ + mute_after() ? std::nullopt : endure();
}

/// How long a stream may be without frames before that is said; slow ones have more time.
std::chrono::milliseconds CaptureSource::mute_after() const
{
    constexpr unsigned kFrames = 4;
    return std::max<std::chrono::milliseconds>(kMute, kFrames * latency() / GST_MSECOND * 1ms);
}

/// A stream without frames: this is said first, and in the end the stream begins anew.
std::optional<Taken> CaptureSource::endure()
{
    stalled_ = true;
    if (now() < alive_ + patience_)
        return notice_if_due();
    const auto waited = patience_;
    patience_ = std::min<std::chrono::milliseconds>(2 * patience_, kMostPatience);
    return recover({Kind::Timeout, "no frame for " + std::to_string(waited.count()) + " ms"});
}

/// Asks the device, now and then, whether its input still is as it was: some send no events, some
/// not all of them, and some go on sending noise.
bool CaptureSource::input_slipped()
{
    if (now() < look_)
        return false;
    const bool same = still(capture_->detect());
    look_ = now() + (same ? kLookAnyway : kLookTwice);
    return std::exchange(doubted_, !same) && !same;
}

/// Whether what a look saw goes with the stream that runs. A measured clock is never quite the
/// same.
bool CaptureSource::still(const Signal &seen) const
{
    constexpr double kTolerance = 0.003;
    if (seen.state == State::Busy || !capture_->follows_timings())
        return seen.state == State::Busy || seen.state == State::Ok;
    const auto hertz = [](const Rate &r) { return double(r.numerator) / r.denominator; };
    return seen.state == State::Ok && seen.width == signal_.width &&
           seen.height == signal_.height && seen.interlaced == signal_.interlaced &&
           std::abs(hertz(seen.rate) - hertz(signal_.rate)) <= kTolerance * hertz(signal_.rate);
}

/// The source changed: a new stream in the new mode, or none.
std::optional<Taken> CaptureSource::restart()
{
    end_stream();
    return look() ? Taken{Taken::What::NewCaps} : notice_if_due();
}

/// Ends a stream that is no good; watch() soon begins a new one if there still is a signal.
std::optional<Taken> CaptureSource::recover(const Error &error)
{
    GST_INFO_OBJECT(element_, "%s: %s", options_.device.c_str(), error.message.c_str());
    end_stream();
    if (error.code == ENODEV || error.code == ENXIO) {
        lose(error);
        return {};
    }
    look();
    if (capture_)
        retry_ = again_ = now() + kRecover;
    if (!pictures_ && error.kind != Kind::Timeout) // it starts, and does no more
        again_ = now() + refusals_.add({fourcc_of(fixed_.get()), mode_of(fixed_.get())}, error);
    if (stalled_)
        return notice_if_due();
    noticed_ = now(); // a short interruption needs no words
    noticed_state_ = signal().state;
    return {};
}

/// The newest picture that is there; of a signal in fields, two may have come meanwhile.
Result<std::optional<Taken>> CaptureSource::take_newest()
{
    PANTO_TRY(frames, queue_->newest(wrapper_.frames_per_picture()));
    std::optional<Taken> newest;
    for (auto &frame : frames)
        if (auto taken = hand_on(std::move(frame)))
            newest = std::move(taken);
    return newest;
}

std::optional<Taken> CaptureSource::hand_on(Queue::Frame frame)
{
    const auto age = now().time_since_epoch() - frame.captured;
    const size_t size = wrapper_.size_of(frame);
    if (frame.captured < resumed_.time_since_epoch() - kStale || size == 0) {
        ++broken_;
        return {};
    }
    const bool copy = queue_->waiting() < kLeastWaiting;
    Taken taken{Taken::What::Picture, wrapper_.wrap(std::move(frame), size, copy)};
    if (!taken.buffer)
        return {}; // the first of two fields
    alive_ = now();
    stalled_ = false;
    patience_ = kPatience;
    if (!std::exchange(pictures_, true)) {
        refusals_.settle();
        told_.clear();
    }
    figures_.copied += copy;
    ++figures_.frames;
    figures_.dropped = dropped_before_ + queue_->dropped() + broken_;
    taken.age = GstClockTime(std::clamp<std::chrono::nanoseconds>(age, 0ns, 10s).count());
    const GstClockTime running = running_time(element_);
    GST_BUFFER_PTS(taken.buffer.get()) = running > taken.age ? running - taken.age : 0;
    return taken;
}

} // namespace panto::kvm
