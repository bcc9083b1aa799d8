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

constexpr int kTries = 30;
constexpr auto kRetry = std::chrono::seconds{1};

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
    tries_left_ = kTries;
    restore();
}

void Keeper::heard()
{
    char events[4096];
    bool came = false;
    for (ssize_t n = 0; (n = ::read(nodes_.get(), events, sizeof events)) > 0;)
        came = says_video(events, size_t(n)) || came;
    if (!came)
        return;
    tries_left_ = kTries;
    restore();
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
        if (done)
            self->told_.clear();
        else
            self->failed(done.error());
    });
}

void Keeper::failed(const Error &why)
{
    if (on_problem && std::exchange(told_, why.message) != why.message)
        on_problem(why);
    const bool later =
        why.kind == Kind::Busy ||
        ((why.code == ENOENT || why.code == EACCES || why.code == ENODEV) && tries_left_-- > 0);
    if (later)
        retry_ = after(kRetry, [this] { restore(); });
}

} // namespace panto::edid
