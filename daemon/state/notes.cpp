// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/state/notes.h"

#include "daemon/observe/log.h"
#include "lib/base/file.h"
#include "lib/glib/offload.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <glib.h>
#include <unistd.h>

namespace panto::state
{

namespace
{

constexpr size_t kMostBytes = 64 << 10;
constexpr mode_t kEverybodyReads = 0644;
constexpr mode_t kOwnerOnly = 0600;

Error not_set()
{
    return Error{Kind::NotFound, "not set"};
}

/// Blocks on the disk.
Result<> store(const std::string &path, const Result<std::string> &text, mode_t mode)
{
    if (!text) {
        if (unlink(path.c_str()) == 0 || errno == ENOENT)
            return ok;
        return Error{Kind::Unavailable, "cannot remove " + path + ": " + std::strerror(errno)};
    }
    std::error_code ignored; // writing the file says what is wrong
    std::filesystem::create_directories(std::filesystem::path{path}.parent_path(), ignored);
    return replace_file(path, *text, mode);
}

} // namespace

Notes::Notes(const std::string &state_dir, std::initializer_list<const char *> names,
             std::initializer_list<const char *> secrets)
    : folder_{state_dir}, secrets_{secrets.begin(), secrets.end()}
{
    for (const char *name : names)
        load(name);
    for (const char *name : secrets)
        load(name);
    stored_ = texts_;
}

void Notes::load(const std::string &name)
{
    auto text = read_file(folder_ + "/" + name, kMostBytes);
    if (!text && text.error().kind != Kind::NotFound)
        log_warning("state", text.error().message);
    texts_.emplace(name, std::move(text));
}

Result<std::string> Notes::read(const std::string &name) const
{
    const auto found = texts_.find(name);
    g_assert(found != texts_.end()); // ours to name them all
    return found->second;
}

std::string Notes::text(const std::string &name) const
{
    auto text = read(name);
    return text ? std::move(*text) : std::string{};
}

void Notes::write(const std::string &name, const std::string &text, Done<> done)
{
    change(name, text, std::move(done));
}

void Notes::remove(const std::string &name, Done<> done)
{
    change(name, not_set(), std::move(done));
}

void Notes::change(const std::string &name, Result<std::string> text, Done<> done)
{
    texts_.insert_or_assign(name, text);
    changes_.push_back({name, std::move(text), std::move(done)});
    if (changes_.size() == 1)
        next();
}

void Notes::next()
{
    const Change &change = changes_.front();
    const mode_t mode = secrets_.count(change.name) ? kOwnerOnly : kEverybodyReads;
    offload([path = folder_ + "/" + change.name, text = change.text,
             mode] { return store(path, text, mode); },
            [weak = self_.weak()](Result<> written) {
                auto *self = alive(weak);
                if (!self)
                    return;
                const Change over = std::move(self->changes_.front());
                self->changes_.pop_front();
                self->settle(over, written);
                if (!self->changes_.empty())
                    self->next();
                over.done(std::move(written));
            });
}

/// What could not be written is as it is on disk, unless it has been changed again meanwhile.
void Notes::settle(const Change &over, const Result<> &written)
{
    if (written) {
        stored_.insert_or_assign(over.name, over.text);
        return;
    }
    log_warning("state", written.error().message);
    for (const Change &later : changes_)
        if (later.name == over.name)
            return;
    texts_.insert_or_assign(over.name, stored_.at(over.name));
}

} // namespace panto::state
