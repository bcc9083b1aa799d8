// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/edid/keeper.h"

#include <cerrno>
#include <cstring>
#include <string_view>
#include <sys/inotify.h>
#include <utility>

namespace panto::edid
{

namespace
{

using namespace std::chrono_literals;

constexpr int kTries = 30;
constexpr int kWrites = 3; // each makes the computer look for its monitor anew
constexpr auto kRetry = 1s;
constexpr auto kBusyRetry = 5s; // somebody else has it: not ours to hurry

/// Whether one of them says that a capture device came.
bool says_video(const char *events, size_t size)
{
    bool found = false;
    for (size_t at = 0; at + sizeof(inotify_event) <= size;) {
        inotify_event event;
        std::memcpy(&event, events + at, sizeof event);
        const char *name = events + at + sizeof event;
        found = found || event.mask & IN_Q_OVERFLOW ||
                (event.len && std::string_view{name}.starts_with("video"));
        at += sizeof event + event.len;
    }
    return found;
}

} // namespace

Keeper::Keeper(const std::string &folder, Restore restore)
    : folder_{folder}, restore_{std::move(restore)}, nodes_{
                                                         ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)}
{
}

void Keeper::start()
{
    if (!nodes_ || ::inotify_add_watch(nodes_.get(), folder_.c_str(), IN_CREATE | IN_MOVED_TO) < 0)
        failed({Kind::Unavailable, "cannot watch " + folder_ + ": " + std::strerror(errno)});
    else
        events_ = readable(nodes_.get(), [this] { heard(); });
    came();
}

/// A device may be there that has only its own.
void Keeper::came()
{
    tries_left_ = kTries;
    writes_left_ = kWrites;
    restore();
}

void Keeper::heard()
{
    char events[4096];
    bool video = false;
    for (ssize_t n = 0; (n = ::read(nodes_.get(), events, sizeof events)) > 0;)
        video = says_video(events, size_t(n)) || video;
    if (video)
        came();
}

void Keeper::restore()
{
    retry_ = {};
    again_ = under_way_;
    if (std::exchange(under_way_, true))
        return;
    restore_([weak = self_.weak()](Result<> done) {
        Keeper *self = alive(weak);
        if (!self)
            return;
        self->under_way_ = false;
        if (self->again_)
            return self->restore();
        if (!done)
            return self->failed(done.error());
        self->told_.clear();
    });
}

void Keeper::failed(const Error &why)
{
    if (on_problem && std::exchange(told_, why.message) != why.message)
        on_problem(why);
    if (why.kind == Kind::Busy)
        retry_ = after(kBusyRetry, [this] { restore(); });
    else if (is_worth_another(why))
        retry_ = after(kRetry, [this] { restore(); });
}

bool Keeper::is_worth_another(const Error &why)
{
    if (why.code == EAGAIN)
        return --writes_left_ > 0;
    return (why.code == ENOENT || why.code == EACCES || why.code == ENODEV) && tries_left_-- > 0;
}

} // namespace panto::edid
