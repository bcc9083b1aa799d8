// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/storage/downloads.h"

#include "daemon/observe/log.h"
#include "daemon/storage/url_disk.h"

#include <cerrno>
#include <cstdio>

namespace panto::storage
{

namespace
{

using namespace std::chrono_literals;

constexpr auto kTellEnd = 10s;
constexpr auto kCancelPatience = 10s;
constexpr auto kBetweenTries = 1s;
constexpr unsigned kMostTries = 5;

/// The last part of the URL's path.
std::string name_in(const std::string &url)
{
    const Owned<GUri, g_uri_unref> uri{g_uri_parse(url.c_str(), G_URI_FLAGS_NONE, nullptr)};
    const std::string path = g_uri_get_path(uri.get());
    return path.substr(path.rfind('/') + 1);
}

} // namespace

const char *name_of(Downloads::State state)
{
    constexpr const char *kNames[] = {"idle", "in_progress", "success", "failed",
                                      "checksum_failed"};
    return kNames[size_t(state)];
}

/// The words before the colon are the NanoKVM's.
Result<> Downloads::check_free() const
{
    if (in_progress())
        return Error{Kind::Busy, "download in progress"};
    if (!turn_.expired())
        return Error{Kind::Busy, "download in progress: an image is being uploaded"};
    if (updating && updating())
        return Error{Kind::Busy, "download in progress: an update is on its way"};
    return ok;
}

Result<Downloads::Turn> Downloads::take_turn()
{
    if (auto free = check_free(); !free)
        return std::move(free.error());
    Turn turn = std::make_shared<int>();
    turn_ = turn;
    return turn;
}

Result<> Downloads::start(const std::string &url, const std::string &sha256)
{
    if (auto good = check_url(url); !good)
        return good;
    Announcement announcement{name_in(url), 1, sha256, "", /*replace=*/true};
    if (auto good = check_name(announcement.name); !good)
        return Error{Kind::Invalid, "invalid url: " + good.error().message};
    if (auto good = check_announcement(announcement); !good)
        return good;
    if (auto free = check_free(); !free)
        return free;
    state_ = State::InProgress;
    url_ = url;
    reason_ = validator_ = "";
    announcement_ = std::move(announcement);
    have_ = tries_ = 0;
    sized_ = false;
    again_ = {};
    log_message("storage", "download", {{"url", shown(url_)}});
    ask(0);
    return ok;
}

Downloads::Status Downloads::status() const
{
    Status status{state_, url_, "", reason_};
    char text[16];
    if (sized_ && (writer_ || finishing_)) {
        std::snprintf(text, sizeof text, "%.2f%%",
                      100.0 * double(have_) / double(announcement_.size_bytes));
        status.percentage = text;
    }
    return status;
}

void Downloads::ask(uint64_t offset)
{
    transfer_ =
        fetch({url_, offset, validator_},
              {[this](Result<fetch::Head> head, std::function<void()> read) {
                   answered(std::move(head), std::move(read));
               },
               [this](std::string part, const std::function<void()> &taken) {
                   store(std::move(part), taken);
               },
               [this](Result<> ended) {
                   if (!ended)
                       broke_off(std::move(ended.error()));
                   else if (sized_ && have_ < announcement_.size_bytes)
                       broke_off({Kind::Unavailable, "the connection ended before the file did"});
                   else
                       finish();
               }});
}

void Downloads::answered(Result<fetch::Head> head, std::function<void()> read)
{
    if (!head)
        return broke_off(std::move(head.error()));
    if (!writer_)
        return begin(*head, read);
    if (head->offset == have_ && head->size_bytes == announcement_.size_bytes)
        return read();
    ranges_ = false; // what there is cannot be gone on with
    broke_off({Kind::Conflict, "the file on the server is another one now"});
}

/// The first answer says how large it is, and whether it is what was begun before.
void Downloads::begin(const fetch::Head &head, const std::function<void()> &read)
{
    sized_ = head.size_bytes.has_value();
    if (sized_ && *head.size_bytes == 0)
        return end(State::Failed, "the file on the server is empty");
    if (!sized_ && !head.end_shows && announcement_.sha256.empty())
        return end(State::Failed,
                   "the server does not say how large the file is, nor where it ends: "
                   "give its sha256sum");
    validator_ = head.validator;
    ranges_ = sized_ && head.ranges && !validator_.empty();
    announcement_.size_bytes = head.size_bytes.value_or(kSizeUnknown);
    announcement_.source = url_ + " " + (ranges_ ? validator_ : std::to_string(g_get_real_time()));
    uploads_.make_way(announcement_);
    storing_ = true;
    uploads_.begin(announcement_, [weak = self_.weak(), head, read](Result<Progress> progress) {
        auto *self = alive(weak);
        if (!self)
            return;
        self->storing_ = false;
        if (!progress)
            return self->cancelled_ ? self->stopped()
                                    : self->end(State::Failed, progress.error().message);
        self->begun(*progress, head, read);
    });
}

void Downloads::begun(const Progress &progress, const fetch::Head &head,
                      const std::function<void()> &read)
{
    auto writer = uploads_.write(progress.id, progress.stored_bytes);
    if (!writer)
        return cancelled_ ? stopped() : end(State::Failed, writer.error().message);
    writer_ = std::move(*writer);
    have_ = progress.stored_bytes;
    if (cancelled_)
        return drop();
    if (have_ == 0)
        return read();
    log_message("storage", "download goes on",
                {{"url", shown(url_)}, {"from", std::to_string(have_)}});
    have_ < announcement_.size_bytes ? ask(have_) : finish();
}

void Downloads::store(std::string part, const std::function<void()> &taken)
{
    storing_ = true;
    const size_t size = part.size();
    writer_->take(std::move(part), [weak = self_.weak(), size, taken] {
        if (auto *self = alive(weak)) {
            self->storing_ = false;
            self->have_ += size;
            self->stored(taken);
        }
    });
}

void Downloads::stored(const std::function<void()> &taken)
{
    if (cancelled_)
        return drop();
    if (writer_->error() && !sized_) {
        const Error &why = *writer_->error();
        return broke_off(why.kind == Kind::Invalid
                             ? Error{Kind::Unavailable, "disk full: no more room for this file"}
                             : why);
    }
    if (writer_->error()) // the disk is full, or more came than was announced
        return finish();
    tries_ = 0;
    taken();
}

/// Asks for the rest when that makes sense, else that was it.
void Downloads::broke_off(Error why)
{
    transfer_ = nullptr;
    if (writer_ && ranges_ && ++tries_ <= kMostTries) {
        log_message("storage", "download broke off", {{"url", shown(url_)}, {"why", why.message}});
        again_ = after(kBetweenTries, [this] { ask(have_); });
        return;
    }
    if (writer_ && !ranges_)
        writer_->discard([](Result<>) {});
    end(State::Failed, why.message);
}

void Downloads::finish()
{
    transfer_ = nullptr;
    if (!sized_ && have_ == 0) {
        writer_->discard([](Result<>) {});
        return end(State::Failed, "the file on the server is empty");
    }
    finishing_ = true;
    const auto writer = std::move(writer_);
    const auto finished = [weak = self_.weak()](Result<Progress> progress) {
        auto *self = alive(weak);
        if (!self)
            return;
        if (progress)
            return self->end(State::Success, "");
        const bool sum = progress.error().code == EBADMSG;
        self->end(sum ? State::ChecksumFailed : State::Failed, progress.error().message);
    };
    sized_ ? writer->finish(finished) : writer->finish_here(finished);
}

void Downloads::end(State state, const std::string &reason)
{
    log_message("storage", "download ended",
                {{"url", shown(url_)}, {"state", name_of(state)}, {"why", reason}});
    state_ = state;
    reason_ = reason;
    finishing_ = false;
    transfer_ = nullptr;
    writer_ = nullptr;
    again_ = after(kTellEnd, [this] {
        state_ = State::Idle;
        url_ = reason_ = "";
    });
}

void Downloads::cancel(Done<> done)
{
    if (!in_progress() || finishing_ || cancelled_)
        return done(Error{Kind::NotFound, "no cancellable download in progress"});
    cancelled_ = std::move(done);
    transfer_ = nullptr;
    again_ = {};
    patience_ = after(kCancelPatience, [this] {
        std::exchange(cancelled_,
                      [](Result<>) {})(Error{Kind::Timeout, "cancel download timed out"});
    });
    if (!storing_)
        drop();
}

/// Nothing is on its way to the disk any more.
void Downloads::drop()
{
    if (!writer_)
        return stopped();
    writer_->discard([weak = self_.weak()](Result<>) {
        if (auto *self = alive(weak))
            self->stopped();
    });
}

void Downloads::stopped()
{
    log_message("storage", "download cancelled", {{"url", shown(url_)}});
    writer_ = nullptr;
    patience_ = {};
    state_ = State::Idle;
    url_ = "";
    std::exchange(cancelled_, nullptr)(ok);
}

} // namespace panto::storage
