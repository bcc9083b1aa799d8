// SPDX-License-Identifier: LGPL-2.1-or-later
/// How media come into the drives of a Storage, and out of them.
#include "daemon/observe/log.h"
#include "daemon/storage/same_file.h"
#include "daemon/storage/storage.h"
#include "lib/glib/ask_disk.h"

#include <algorithm>

namespace panto::storage
{

namespace
{

constexpr auto kHurryAfter = std::chrono::seconds{2}; // a server that is there answers before

/// As "http://"; no image has such a name.
bool is_url(const std::string &file)
{
    return file.find("://") != std::string::npos;
}

Error gone()
{
    return {Kind::Unavailable, "the drive went meanwhile, as the USB gadget changed: try again"};
}

/// It is changed all the same, once the kernel has read or written what it waits for.
Error drive_is_silent()
{
    return {Kind::Unavailable, "the drive does not answer yet: see that the disk, or the server, "
                               "that its image lies on is there"};
}

} // namespace

void Storage::mount(const Wish &wish, Done<> done)
{
    auto found = place(wish.drive);
    if (!found)
        return done(std::move(found.error()));
    if (std::exchange((*found)->filling, true))
        return done(Error{Kind::Busy, "another change of this drive is under way"});
    const auto limit = kDiskPatience * 2 + std::chrono::seconds{settings_.url_timeout_s};
    const auto end = settled(*found, within(limit, drive_is_silent(), std::move(done)));
    is_url(wish.file) ? mount_url(*found, wish, end) : mount_image(*found, wish, end);
}

/// Whether other drives have come in the place of this one.
bool Storage::is_gone(const std::shared_ptr<Place> &place) const
{
    return !std::count(places_.begin(), places_.end(), place);
}

/// Remembers how a change of the drive ended, before `done` hears of it: what that calls done is
/// what comes back after the drive went, and what went with it is not done.
Done<> Storage::settled(const std::shared_ptr<Place> &place, Done<> done)
{
    return [weak = self_.weak(), place, done = std::move(done)](Result<> r) {
        auto *self = alive(weak);
        if (!self)
            return;
        if (self->is_gone(place))
            r = gone();
        if (r) {
            place->trouble.clear();
            place->last = {place->coming, place->coming ? place->url : nullptr};
        }
        settle(*place);
        done(std::move(r));
        self->told();
    };
}

void Storage::mount_image(const std::shared_ptr<Place> &place, const Wish &wish, Done<> done)
{
    auto name = library_->name_of(wish.file);
    if (!name)
        return done(std::move(name.error()));
    if (std::count(removing_.begin(), removing_.end(), *name))
        return done(Error{Kind::Busy, "the image is being deleted"});
    if (uploads_.is_replacing(*name))
        return done(Error{Kind::Busy, "the image is being replaced by another of its name"});
    const Medium medium{library_->path_of(*name), wish.cdrom, wish.cdrom || wish.read_only};
    place->coming = medium;
    const auto check = [library = library_, name = *name, medium,
                        others = beside(*place)]() -> Result<> {
        PANTO_TRY(inspection, library->inspect(name));
        if (medium.cdrom && !inspection.no_cdrom.empty())
            return Error{Kind::Invalid, "this cannot be a CD-ROM, as " + inspection.no_cdrom +
                                            "; mount it as a disk"};
        if (inspection.size_bytes < kDiskBlockBytes)
            return Error{Kind::Invalid, "this cannot be a disk: it holds no whole sector"};
        return check_alone(medium, others);
    };
    ask_disk(Lane::Images, check,
             [weak = self_.weak(), place, medium, force = wish.force, done](Result<> good) {
                 auto *self = alive(weak);
                 if (!self)
                     return;
                 if (!good)
                     return done(std::move(good.error()));
                 self->fill(place, medium, nullptr, force, done);
             });
}

/// What is in the other drives, or about to be.
std::vector<Medium> Storage::beside(const Place &place) const
{
    std::vector<Medium> out;
    for (const auto &other : places_) {
        if (other.get() == &place)
            continue;
        if (const auto &in = other->drive->state().medium)
            out.push_back(*in);
        if (other->coming)
            out.push_back(*other->coming);
        if (other->filling && other->last.medium) // which comes back when the next is refused
            out.push_back(*other->last.medium);
    }
    return out;
}

/// What the computer has not written yet to another drive would be lost with its cable.
Result<> Storage::check_cable(const Place &place, const Medium &medium) const
{
    if (!place.drive->reconnects_for(medium))
        return ok;
    for (size_t n = 0; n < places_.size(); ++n) {
        const Place &other = *places_[n];
        const std::string drive = "drive " + std::to_string(n);
        if (&other == &place)
            continue;
        if (other.filling)
            return Error{Kind::Busy, drive + " is being changed: try again"};
        const auto &in = other.drive->state().medium;
        if (in && !in->read_only)
            return Error{Kind::Busy, "this takes the computer off the cable for a moment, as the "
                                     "drive turns from a disk to a CD-ROM or back, and " +
                                         in->path + " in " + drive +
                                         " can be written to: what the computer has not yet "
                                         "written there would be lost; eject it there first, or "
                                         "mount with force"};
    }
    return ok;
}

void Storage::mount_url(const std::shared_ptr<Place> &place, const Wish &wish, Done<> done)
{
    const uint64_t block_bytes = wish.cdrom ? kCdBlockBytes : kDiskBlockBytes;
    open_url_(wish.file, {settings_.url_timeout_s, block_bytes, downloads_.fetch},
              [weak = self_.weak(), place, wish, done](Result<UrlDisk::Opened> disk) {
                  auto *self = alive(weak);
                  if (!self)
                      return;
                  if (!disk)
                      return done(std::move(disk.error()));
                  const std::string refusal =
                      wish.cdrom ? cdrom_refusal((*disk)->size_bytes()) : "";
                  if (!refusal.empty())
                      return done(Error{Kind::Invalid, "this cannot be a CD-ROM, as " + refusal +
                                                           "; mount it as a disk"});
                  (*disk)->on_trouble = [weak, url = wish.file, of = disk->get()] {
                      if (of->trouble().empty())
                          log_message("storage", "it can be read again", {{"url", shown(url)}});
                      else
                          log_warning("storage", of->trouble(), {{"url", shown(url)}});
                      if (auto *storage = alive(weak))
                          storage->told();
                  };
                  self->fill(place, {(*disk)->device(), wish.cdrom, true}, *disk, wish.force, done);
              });
}

/// Puts a medium in place of the one that is in the drive, which comes back when that fails.
void Storage::fill(const std::shared_ptr<Place> &place, const Medium &medium, UrlDisk::Opened url,
                   bool force, Done<> done)
{
    if (is_gone(place)) // its files may be the next drive's by now
        return done(gone());
    if (!force)
        if (auto safe = check_cable(*place, medium); !safe)
            return done(std::move(safe));
    place->coming = medium;
    const Content former{place->drive->state().medium, place->url};
    const auto weak = self_.weak();
    if (force && place->url && !place->url->trouble().empty()) // else it may come back
        place->url->hang_up();
    if (force && place->url)
        place->hurry = every(kHurryAfter, [old = place->url] { old->hang_up_waiting(); });
    place->drive->eject(force, [weak, place, medium, url, former, done](Result<> empty) {
        auto *self = alive(weak);
        place->hurry = {};
        if (!empty || !self || self->is_gone(place))
            return done(empty ? gone() : std::move(empty));
        place->url = url;
        place->drive->insert(medium, [weak, place, medium, former, done](Result<> in) {
            auto *storage = alive(weak);
            if (in || !storage || storage->is_gone(place)) // nothing is put back into the next one
                return done(std::move(in));
            if (place->drive->state().medium == medium) // which the computer finds sooner or later
                return done(std::move(in.error()).context("it is in the drive"));
            put_back(place, former, std::move(in.error()), done);
        });
    });
}

void Storage::put_back(const std::shared_ptr<Place> &place, const Content &former, const Error &why,
                       Done<> done)
{
    place->url = former.url;
    if (!former.medium)
        return done(why);
    if (former.url && former.url->ended())
        return done(Error{why.kind, why.message + "; what was in the drive is out, too: " +
                                        former.url->trouble()});
    place->drive->insert(*former.medium, [place, former, why, done](Result<> back) {
        Error both = why;
        const bool in = back || place->drive->state().medium == former.medium;
        both.message +=
            in ? "; what was in the drive is back" : "; what was in the drive is out, too";
        if (!back)
            both.message += ": " + back.error().message;
        done(std::move(both));
    });
}

void Storage::unmount(unsigned drive, bool force, Done<> done)
{
    auto found = place(drive);
    if (!found)
        return done(std::move(found.error()));
    if (std::exchange((*found)->filling, true))
        return done(Error{Kind::Busy, "another change of this drive is under way"});
    if (force && (*found)->url) // the kernel may wait for a server that is dead
        (*found)->url->hang_up();
    (*found)->drive->eject(
        force, settled(*found, within(kDiskPatience, drive_is_silent(), std::move(done))));
}

void Storage::check_idle(const Done<> &done)
{
    const auto idle = std::make_shared<Result<>>(ok);
    // The last of those who hold it calls it.
    const std::shared_ptr<void> all{nullptr, [idle, done](void *) { done(std::move(*idle)); }};
    for (size_t n = 0; n < places_.size(); ++n) {
        const auto &medium = places_[n]->drive->state().medium;
        const std::string what = (medium ? medium->path : "what lies") + " in drive " +
                                 std::to_string(n) + " would be taken from the computer: ";
        const Done<> told = [all, idle, what](Result<> one) {
            if (*idle && !one && one.error().kind == Kind::Busy)
                *idle = Error{Kind::Busy,
                              what + one.error().message + "; eject it there first, or use force"};
        };
        places_[n]->drive->check_idle(within(kDiskGlance, disk_is_silent(), told));
    }
}

void Storage::hurry()
{
    for (const auto &place : places_)
        if (place->url)
            place->url->hang_up_waiting();
}

void Storage::take_out_urls(std::function<void()> done)
{
    // The last of those who hold it calls it.
    const std::shared_ptr<void> all{nullptr, [done = std::move(done)](void *) { done(); }};
    waiting_.clear();
    for (const auto &place : places_)
        if (place->url && !std::exchange(place->filling, true)) {
            place->url->hang_up();
            place->drive->eject(true, [place, all](Result<> out) {
                if (!out)
                    log_warning("storage", out.error().message);
                place->url.reset();
                place->last = {};
            });
        }
}

} // namespace panto::storage
