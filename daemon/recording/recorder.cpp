// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/recording/recorder.h"

#include "daemon/observe/log.h"
#include "lib/glib/ask_disk.h"

#include <algorithm>
#include <atomic>
#include <limits>

namespace panto::recording
{

namespace
{

using std::chrono::seconds;

constexpr size_t kRelay = 64; // access units that the main loop may be late by
constexpr uint64_t kMostWaiting = 32u << 20;
constexpr auto kDiskLook = seconds{1};

unsigned whole_seconds(std::chrono::nanoseconds t)
{
    return unsigned(std::chrono::duration_cast<seconds>(t).count());
}

/// How often the window's stream is to have a key frame: it is kept by whole groups.
seconds group_length(seconds window)
{
    return std::clamp(window / 4, seconds{1}, seconds{10});
}

/// A film must not die while it calls us.
void bury(std::shared_ptr<Film> film)
{
    post([film = std::move(film)] {});
}

} // namespace

Recorder::Recorder(const media::Library &library, media::Encoder *encoder,
                   const config::Recording &config, const std::string &default_folder)
    : encoder_{encoder}, config_{config}, shelf_{config.directory.empty() ? default_folder
                                                                          : config.directory},
      window_{size_t(config.window_mib) << 20}
{
    for (const char *format : {"mp4", "mkv"})
        files_.emplace(format, library.best("recording", format));
    keep(config_.window_s);
}

/// Makes an empty file when enough of the disk is free.
void Recorder::make_file(const std::string &format, Done<std::string> done) const
{
    const auto file = files_.find(format);
    if (file == files_.end())
        return done(Error{Kind::Invalid, "format must be mp4 or mkv"});
    if (!file->second)
        return done(file->second.error());
    if (!encoder_)
        return done(Error{Kind::Unavailable, "nothing on this machine makes H.264"});
    const auto given_up = std::make_shared<std::atomic<bool>>(false);
    ask_disk(
        Lane::Films,
        [shelf = shelf_, format, now = std::time(nullptr), reserve = uint64_t{config_.reserve_mib},
         given_up]() -> Result<std::string> {
            auto name = shelf.make_with_room(format, now, reserve);
            if (name && given_up->load())
                (void)shelf.remove(*name);
            return name;
        },
        [given_up, done = std::move(done)](Result<std::string> name) {
            *given_up = true;
            done(std::move(name));
        });
}

Result<std::shared_ptr<Film>> Recorder::film_at(const std::string &name,
                                                uint64_t most_waiting) const
{
    const std::string format = name.substr(name.rfind('.') + 1);
    PANTO_TRY(film, Film::create(*files_.at(format), shelf_.path_of(name), most_waiting));
    return std::shared_ptr<Film>{std::move(film)};
}

/// Takes the encoder's stream while it is needed, and no longer.
void Recorder::watch()
{
    const bool keeps = window_.length().count() > 0;
    if (!encoder_ || (state_ == State::Off && !keeps)) {
        watch_ = {};
        return;
    }
    if (watch_)
        return;
    relay_ = media::Relay::create(kRelay, [this](GstSample *s, bool lost) { unit(s, lost); });
    watch_ = encoder_->watch(relay_->receiver());
    encoder_->key_frame();
}

void Recorder::unit(GstSample *sample, bool lost)
{
    GstBuffer *buffer = gst_sample_get_buffer(sample);
    if (!watch_ || !buffer || !GST_BUFFER_PTS_IS_VALID(buffer))
        return;
    window_.add(sample, lost);
    if (lost)
        encoder_->key_frame();
    if (state_ != State::On)
        return;
    if (lost) {
        film_->skip();
        asked_ = true;
    }
    if (!film_->fits(sample))
        return next_file();
    const bool added = film_->add(sample);
    if (!added && !asked_)
        encoder_->key_frame();
    asked_ = !added;
}

void Recorder::start(const std::string &format, unsigned minutes, Done<std::string> done)
{
    if (state_ != State::Off)
        return done(Error{Kind::Busy, "it records already: " + name_});
    state_ = State::Starting;
    format_ = format;
    reason_.clear();
    minutes_ = {};
    if (const unsigned most = config_.most_minutes; most > 0)
        minutes = minutes > 0 ? std::min(minutes, most) : most;
    if (minutes > 0)
        minutes_ = after(std::chrono::minutes{minutes},
                         [this, minutes] { end(std::to_string(minutes) + " minutes are over"); });
    make_file(format, [weak = self_.weak(), done](Result<std::string> name) {
        Recorder *self = alive(weak);
        if (!self)
            return done(Error{Kind::Unavailable, "the service ends"});
        if (name && self->state_ == State::Starting)
            return self->begun(*name, done);
        if (name)
            self->discard(*name);
        else
            self->ended();
        done(name ? Error{Kind::Timeout, self->reason_} : std::move(name.error()));
    });
}

void Recorder::begun(const std::string &name, Done<std::string> done)
{
    auto film = film_at(name, kMostWaiting);
    if (!film) {
        ended();
        return done(std::move(film.error()));
    }
    if (state_ == State::Starting) {
        before_ = {};
        dropped_before_ = 0;
        disk_ = every(kDiskLook, [this] { look_at_disk(); });
    }
    state_ = State::On;
    name_ = name;
    film_ = std::move(*film);
    film_->on_ended = [this](Result<> how) { film_ended(std::move(how)); };
    watch();
    encoder_->key_frame();
    asked_ = true;
    log_message("recording", "recording begins", {{"file", name}});
    if (on_changed)
        on_changed(status());
    done(name);
}

/// Pictures of another size, or what else the film cannot take, go into another file.
void Recorder::next_file()
{
    state_ = State::NextFile;
    before_ += film_->length();
    dropped_before_ += film_->dropped();
    const auto log = [name = name_](const Result<> &how) {
        if (!how)
            log_warning("recording", how.error().message, {{"file", name}});
    };
    if (film_->ended()) {
        discard(name_, film_->least_bytes());
        bury(std::exchange(film_, nullptr));
    } else {
        finish(name_, std::exchange(film_, nullptr), log);
    }
    make_file(format_, [weak = self_.weak()](Result<std::string> name) {
        Recorder *self = alive(weak);
        if (!self)
            return;
        if (self->state_ != State::NextFile)
            return name ? self->discard(*name) : void();
        if (!name)
            return self->end(name.error().message);
        self->begun(*name, [weak](Result<std::string> begun) {
            if (Recorder *s = begun ? nullptr : alive(weak))
                s->reason_ = begun.error().message;
        });
    });
}

/// Has a film written out that gets no more; it is kept until that is done.
void Recorder::finish(const std::string &name, std::shared_ptr<Film> film, Done<> done)
{
    finishing_[name] = film;
    film->on_ended = [this, name, done = std::move(done)](Result<> how) {
        const auto at = finishing_.find(name);
        if (!how)
            discard(name, at->second->least_bytes());
        bury(std::move(at->second));
        finishing_.erase(at);
        done(std::move(how));
    };
    film->finish();
}

/// Removes a file that has fewer bytes, as on a disk that was too full for a picture.
void Recorder::discard(const std::string &name, size_t least_bytes) const
{
    offload(Lane::Films, [shelf = shelf_, name, least_bytes] {
        if (shelf.remove_stub(name, least_bytes))
            log_warning("recording", "removed: it held no picture", {{"file", name}});
    });
}

/// What is in the way of one film need not be in the next one's: an encoder that began anew. A full
/// disk is, which make_file() finds out.
void Recorder::film_ended(Result<> how)
{
    if (!how && state_ == State::On && film_->length() >= seconds{1})
        return next_file();
    if (!how && reason_.empty())
        reason_ = how.error().message;
    ended();
}

void Recorder::look_at_disk()
{
    ask_disk(
        Lane::Films,
        [shelf = shelf_, reserve = uint64_t{config_.reserve_mib}] {
            return shelf.check_room(reserve);
        },
        [weak = self_.weak()](Result<> room) {
            if (Recorder *self = room ? nullptr : alive(weak))
                self->end(room.error().message);
        });
}

/// Ends it by itself.
void Recorder::end(const std::string &why)
{
    if (state_ == State::Off || state_ == State::Ending)
        return;
    reason_ = why;
    log_warning("recording", "recording ends", {{"file", name_}, {"why", why}});
    if (!film_)
        return ended();
    state_ = State::Ending;
    film_->finish();
}

void Recorder::stop(Done<std::string> done)
{
    if (state_ == State::Off || stopped_)
        return done(Error{Kind::NotFound, "nothing is being recorded"});
    if (!film_)
        return done(Error{Kind::Busy, "a file is just being made: try again in a moment"});
    stopped_ = std::move(done);
    if (state_ == State::Ending)
        return;
    state_ = State::Ending;
    log_message("recording", "recording ends", {{"file", name_}});
    film_->finish();
}

/// It is over, for whatever reason; nothing is left of a file without a picture.
void Recorder::ended()
{
    state_ = State::Off;
    minutes_ = {};
    disk_ = {};
    const bool empty = film_ && film_->empty();
    if (empty)
        discard(name_);
    else if (film_ && !reason_.empty())
        discard(name_, film_->least_bytes());
    if (film_) {
        before_ += film_->length();
        dropped_before_ += film_->dropped();
        bury(std::exchange(film_, nullptr));
    }
    watch();
    if (on_changed)
        on_changed(status());
    const auto done = std::exchange(stopped_, nullptr);
    if (!done)
        return;
    if (empty)
        return done(Error{Kind::Unavailable, "no picture came while it recorded"});
    if (!reason_.empty())
        return done(Error{Kind::Unavailable, reason_});
    done(name_);
}

void Recorder::keep(unsigned length_s)
{
    config_.window_s = length_s;
    window_.resize(seconds{length_s});
    key_frames_ = {};
    if (length_s > 0 && encoder_)
        key_frames_ = every(group_length(seconds{length_s}), [this] { encoder_->key_frame(); });
    watch();
}

/// What is still to be saved, and what is.
struct Recorder::Saving {
    std::string format;
    std::vector<Window::Run> left; ///< the oldest is the last
    Names names;
    Done<Names> done;
};

void Recorder::save(const std::string &format, Done<Names> done)
{
    if (saving_)
        return done(Error{Kind::Busy, "the last seconds are being saved already"});
    if (window_.length().count() == 0)
        return done(Error{Kind::NotFound, "no seconds are kept: set a window first"});
    auto runs = window_.runs();
    if (runs.empty())
        return done(Error{Kind::NotFound, "no picture was kept yet"});
    std::reverse(runs.begin(), runs.end());
    saving_ = true;
    const auto answer = [weak = self_.weak(), done](Result<Names> names) {
        if (Recorder *self = alive(weak))
            self->saving_ = false;
        done(std::move(names));
    };
    save_next(std::make_shared<Saving>(Saving{format, std::move(runs), {}, answer}));
}

/// One file after the other, so that many cost no more than one.
void Recorder::save_next(const std::shared_ptr<Saving> &saving)
{
    if (saving->left.empty())
        return saving->done(std::move(saving->names));
    make_file(saving->format, [weak = self_.weak(), saving](Result<std::string> name) {
        Recorder *self = alive(weak);
        if (!self)
            return saving->done(Error{Kind::Unavailable, "the service ends"});
        name ? self->save_to(*name, saving) : saving->done(std::move(name.error()));
    });
}

void Recorder::save_to(const std::string &name, const std::shared_ptr<Saving> &saving)
{
    auto film = film_at(name, std::numeric_limits<uint64_t>::max()); // they are in memory anyway
    if (!film) {
        discard(name);
        return saving->done(std::move(film.error()));
    }
    for (const auto &unit : saving->left.back())
        (void)(*film)->add(unit.get());
    saving->left.pop_back();
    finish(name, std::move(*film), [weak = self_.weak(), name, saving](Result<> how) {
        Recorder *self = alive(weak);
        if (!how || !self)
            return saving->done(how ? Error{Kind::Unavailable, "the service ends"}
                                    : std::move(how.error()));
        saving->names.push_back(name);
        self->save_next(saving);
    });
}

Status Recorder::status() const
{
    Status s;
    s.on = state_ != State::Off;
    s.file = name_;
    s.seconds = whole_seconds(before_ + (film_ ? film_->length() : std::chrono::nanoseconds{0}));
    s.dropped = dropped_before_ + (film_ ? film_->dropped() : 0);
    s.reason = reason_;
    s.window_s = whole_seconds(window_.length());
    s.kept_s = whole_seconds(window_.kept());
    s.kept_bytes = window_.bytes();
    return s;
}

bool Recorder::writes(const std::string &name) const
{
    return (state_ != State::Off && name == name_) || finishing_.contains(name);
}

} // namespace panto::recording
