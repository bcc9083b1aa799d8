// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/storage/uploads.h"

#include "daemon/observe/log.h"
#include "lib/glib/ask_disk.h"

#include <algorithm>
#include <cerrno>

namespace panto::storage
{

namespace
{

using namespace std::chrono_literals;

constexpr int64_t kAbandonedAfter_s = 24 * 3600;
constexpr auto kSweepEvery = 10min;
constexpr size_t kMostParts = 16;
constexpr size_t kMostWriters = 4;

const std::string kOpenEnd = "open end "; // begins the source of one whose size nobody knew

std::string random_id()
{
    std::string id;
    for (int i = 0; i < 4; ++i) {
        char word[9];
        g_snprintf(word, sizeof word, "%08x", g_random_int());
        id += word;
    }
    return id;
}

int64_t wall_clock()
{
    return g_get_real_time() / G_USEC_PER_SEC;
}

/// What comes of a part is minded though nobody waits for it any more.
template <class T>
Done<T> in_time(Done<T> done, const std::shared_ptr<Part> &part = nullptr)
{
    std::function<uint64_t()> hashed;
    if (part)
        hashed = [part] { return part->hashed_bytes(); };
    return within(kDiskPatience, disk_is_silent(), std::move(done), std::move(hashed));
}

void discard_part(const std::shared_ptr<Part> &part, Done<> done)
{
    offload(
        Lane::Images, [part]() -> Result<> { return part->discard(), ok; },
        in_time(std::move(done)));
}

/// What a former run left, and can be gone on with.
std::vector<std::shared_ptr<Part>> left_in(const std::shared_ptr<const Library> &library)
{
    std::vector<std::shared_ptr<Part>> out;
    for (const std::string &id : Part::left_in(*library)) {
        auto part = Part::open(library, id);
        if (part && (*part)->announcement().source.starts_with(kOpenEnd)) {
            (*part)->discard(); // nothing goes on with it, and it would hold all the room
        } else if (part) {
            out.push_back(*part);
        } else if (part.error().kind != Kind::Unavailable) { // else the disk may come round
            log_warning("storage", "upload dropped", {{"why", part.error().message}});
            Part::forget(*library, id);
        }
    }
    return out;
}

} // namespace

Result<> check_announcement(Announcement &announcement)
{
    if (auto good = check_name(announcement.name); !good)
        return good;
    if (announcement.name.find('/') != std::string::npos)
        return Error{Kind::Invalid, "no upload can have that name: it leads to another folder"};
    if (announcement.size_bytes == 0 || announcement.size_bytes > uint64_t(INT64_MAX))
        return Error{Kind::Invalid, "the size must be at least 1 byte"};
    std::string &sum = announcement.sha256;
    std::transform(sum.begin(), sum.end(), sum.begin(), [](char c) { return g_ascii_tolower(c); });
    if (!sum.empty() && (sum.size() != 64 || sum.find_first_not_of("0123456789abcdef") != sum.npos))
        return Error{Kind::Invalid, "invalid sha256sum"};
    return ok;
}

Uploads::Uploads(std::shared_ptr<const Library> library, Now now)
    : library_{std::move(library)}, now_{now ? std::move(now) : wall_clock},
      sweeper_{every(kSweepEvery, [this] { sweep(); })}
{
    const auto look = std::make_shared<std::packaged_task<Parts()>>(
        [library = library_] { return left_in(library); });
    const std::shared_future<Parts> found = look->get_future();
    offload(Lane::Images, [look, found, weak = self_.weak()] {
        (*look)();
        post([found, weak] {
            if (auto *self = alive(weak))
                self->take_over(found.get());
        });
    });
    if (found.wait_for(kDiskGlance) == std::future_status::ready)
        take_over(found.get());
    else
        log_warning("storage", disk_is_silent().message, {{"folder", library_->folder()}});
}

void Uploads::take_over(const Parts &left)
{
    if (std::exchange(taken_over_, true))
        return;
    for (const auto &part : left)
        parts_[part->id()] = {part};
    sweep();
}

Progress Uploads::progress_of(const Entry &entry) const
{
    return {entry.part->id(), entry.part->announcement(), entry.part->stored_bytes(), entry.busy};
}

uint64_t Uploads::promised_bytes() const
{
    uint64_t sum = 0;
    for (const auto &[id, entry] : parts_)
        if (!entry.part->announcement().source.starts_with(kOpenEnd)) // nobody knows what it takes
            sum += entry.part->announcement().size_bytes - entry.part->stored_bytes();
    return sum;
}

void Uploads::begin(Announcement announcement, Done<Progress> done)
{
    if (auto good = check_announcement(announcement); !good)
        return done(std::move(good.error()));
    if (announcement.size_bytes == kSizeUnknown &&
        announcement.source.empty()) // a number, to others
        return done(Error{Kind::Invalid, "size is more than any disk has"});
    if (!taken_over_) // which may be of that name
        return done(disk_is_silent());
    for (const auto &[id, entry] : parts_) {
        if (entry.part->announcement() == announcement)
            return done(progress_of(entry));
        if (entry.part->announcement().name == announcement.name)
            return done(Error{Kind::Conflict, "another upload of that name is under way", EEXIST});
    }
    auto &names = beginning_;
    if (std::count(names.begin(), names.end(), announcement.name))
        return done(Error{Kind::Busy, "that upload is beginning"});
    if (parts_.size() + names.size() >= kMostParts)
        return done(Error{Kind::Busy, "too many unfinished uploads: cancel one"});
    names.push_back(announcement.name);
    const auto make = [library = library_, announcement, promised = promised_bytes(),
                       may_replace = asked_of(announcement),
                       id = random_id()]() mutable -> Result<std::shared_ptr<Part>> {
        if (may_replace) {
            if (auto may = may_replace(); !may)
                return std::move(may.error());
        } else if (library->has(announcement.name)) {
            return Error{Kind::Conflict, "an image of that name exists", EEXIST};
        }
        if (announcement.size_bytes == kSizeUnknown) {
            if (auto some = library->check_room(promised + 1); !some)
                return std::move(some.error());
            PANTO_TRY(room, library->room());
            announcement.size_bytes = std::max<uint64_t>(room - std::min(room, promised), 1);
            announcement.source = kOpenEnd + announcement.source;
        } else if (auto room = library->check_room(promised + announcement.size_bytes); !room) {
            return std::move(room.error());
        }
        return Part::create(library, announcement, id);
    };
    const auto told = in_time(std::move(done));
    offload(Lane::Images, make, [weak = self_.weak(), told, name = announcement.name](auto part) {
        auto *self = alive(weak);
        if (!self)
            return;
        std::erase(self->beginning_, name);
        if (!part)
            return told(std::move(part.error()));
        Entry &entry = self->parts_[(*part)->id()] = {*part};
        told(self->progress_of(entry));
    });
}

void Uploads::begin_anew(Announcement announcement, Done<Progress> done)
{
    if (auto good = check_announcement(announcement); !good)
        return done(std::move(good.error()));
    for (const Progress &p : all())
        if (!p.busy && p.stored_bytes > 0 && p.announcement == announcement)
            return cancel(p.id, [weak = self_.weak(), announcement, done](Result<> cancelled) {
                auto *self = alive(weak);
                if (!self || !cancelled)
                    return done(self ? std::move(cancelled.error())
                                     : Error{Kind::Unavailable, "the daemon ends"});
                self->begin(announcement, done);
            });
    begin(std::move(announcement), std::move(done));
}

Result<Progress> Uploads::find(const std::string &id) const
{
    const auto found = parts_.find(id);
    if (found == parts_.end())
        return Error{Kind::NotFound, "no such upload"};
    return progress_of(found->second);
}

std::vector<Progress> Uploads::all() const
{
    std::vector<Progress> out;
    for (const auto &[id, entry] : parts_)
        out.push_back(progress_of(entry));
    return out;
}

Result<std::unique_ptr<Uploads::Writer>> Uploads::write(const std::string &id, uint64_t offset)
{
    const auto found = parts_.find(id);
    if (found == parts_.end())
        return Error{Kind::NotFound, "no such upload"};
    Entry &entry = found->second;
    const auto busy =
        std::count_if(parts_.begin(), parts_.end(), [](const auto &p) { return p.second.busy; });
    if (entry.busy || size_t(busy) >= kMostWriters)
        return Error{Kind::Busy, entry.busy ? "somebody is sending this already"
                                            : "too many uploads at a time"};
    if (offset != entry.part->stored_bytes())
        return Error{Kind::Conflict,
                     "the next byte is " + std::to_string(entry.part->stored_bytes()) + ", not " +
                         std::to_string(offset),
                     ERANGE};
    entry.busy = true;
    return std::make_unique<Writer>(*this, entry.part);
}

void Uploads::cancel(const std::string &id, Done<> done)
{
    const auto found = parts_.find(id);
    if (found == parts_.end())
        return done(Error{Kind::NotFound, "no such upload"});
    if (found->second.busy)
        return done(Error{Kind::Busy, "somebody is sending this"});
    const auto part = found->second.part;
    parts_.erase(found);
    discard_part(part, std::move(done));
}

Part::MayReplace Uploads::asked_of(const Announcement &announcement) const
{
    return announcement.replace && may_replace ? may_replace(announcement.name) : nullptr;
}

bool Uploads::is_replacing(const std::string &name) const
{
    return std::count(replacing_.begin(), replacing_.end(), name) != 0;
}

void Uploads::make_way(const Announcement &announcement)
{
    for (const Progress &p : all())
        if (!p.busy && p.announcement.name == announcement.name && !p.announcement.source.empty() &&
            p.announcement != announcement)
            cancel(p.id, [](Result<>) {});
}

void Uploads::sweep()
{
    const int64_t now = now_();
    for (const auto &p : all())
        if (!p.busy && now - parts_[p.id].part->modified_s() > kAbandonedAfter_s) {
            log_message("storage", "abandoned upload removed", {{"name", p.announcement.name}});
            cancel(p.id, [](Result<>) {});
        }
}

/// After a request that ended anyhow: what came is made to last, then the part is free again.
void Uploads::release(const std::string &id, const std::shared_ptr<Part> &part)
{
    offload(
        Lane::Images,
        [part]() -> Result<> { return part->abandoned() ? (part->discard(), ok) : part->sync(); },
        [weak = self_.weak(), id](Result<> synced) {
            if (!synced)
                log_warning("storage", synced.error().message);
            if (auto *self = alive(weak))
                self->free(id);
        });
}

void Uploads::free(const std::string &id)
{
    if (const auto found = parts_.find(id); found != parts_.end())
        found->second.busy = false;
}

Uploads::Writer::~Writer()
{
    if (part_ && !took_) // refused before a byte was stored: who tries again at once finds it free
        uploads_.free(part_->id());
    else if (part_ && !busy_)
        uploads_.release(part_->id(), part_);
}

void Uploads::Writer::take(std::string bytes, std::function<void()> taken)
{
    if (error_)
        return taken();
    busy_ = took_ = true;
    const Done<> told = [weak = self_.weak(), taken = std::move(taken)](Result<> stored) {
        auto *self = alive(weak);
        if (!self)
            return;
        if (!stored)
            self->error_ = std::move(stored.error());
        taken();
    };
    offload(
        Lane::Images, [part = part_, bytes = std::move(bytes)] { return part->append(bytes); },
        [weak = self_.weak(), uploads = uploads_.self_.weak(), part = part_,
         told = in_time(told, part_)](Result<> stored) {
            auto *self = alive(weak);
            if (!self || part->abandoned()) { // nobody waits for the rest
                if (auto *all = alive(uploads))
                    all->release(part->id(), part);
                return;
            }
            self->busy_ = false;
            told(std::move(stored));
        });
}

/// How a request ended that sent its body to the end.
struct Uploads::Ended {
    Result<> result = ok;
    bool installed = false;
    bool discarded = false;
};

void Uploads::Writer::finish(Done<Progress> done)
{
    if (busy_) // a disk that is silent: free again when it has stored that block
        return done(Error{*error_});
    const auto part = std::exchange(part_, nullptr); // no longer ours to release
    const Part::MayReplace may_replace = uploads_.asked_of(part->announcement());
    if (may_replace)
        uploads_.replacing_.push_back(part->announcement().name);
    const auto end = [part, error = error_, may_replace]() -> Ended {
        if (error || !part->whole()) {
            auto synced = part->sync();
            return {error ? Result<>{*error} : std::move(synced)};
        }
        auto installed = part->install(may_replace);
        const bool useless = !installed && installed.error().kind == Kind::Conflict;
        if (useless)
            part->discard();
        const bool good = bool(installed);
        return {std::move(installed), good, useless};
    };
    const auto told = in_time(std::move(done), part);
    offload(Lane::Images, end, [uploads = uploads_.self_.weak(), part, told](Ended how) {
        if (auto *self = alive(uploads))
            self->ended(part, std::move(how), told);
    });
}

void Uploads::Writer::finish_here(Done<Progress> done)
{
    if (!error_)
        part_->end_here();
    finish(std::move(done));
}

void Uploads::Writer::discard(Done<> done)
{
    const auto part = std::exchange(part_, nullptr);
    uploads_.parts_.erase(part->id());
    part->abandon();
    if (busy_) // goes when that block is stored
        return done(ok);
    discard_part(part, std::move(done));
}

void Uploads::ended(const std::shared_ptr<Part> &part, Ended how, const Done<Progress> &done)
{
    std::erase(replacing_, part->announcement().name);
    if (how.installed || how.discarded)
        parts_.erase(part->id());
    else
        parts_[part->id()].busy = false;
    if (!how.result)
        return done(std::move(how.result.error()));
    if (how.installed && on_installed)
        on_installed();
    Progress progress = progress_of({part, false});
    progress.whole = how.installed;
    done(std::move(progress));
}

} // namespace panto::storage
