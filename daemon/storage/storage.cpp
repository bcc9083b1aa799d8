// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/storage/storage.h"

#include "daemon/observe/log.h"
#include "daemon/storage/same_file.h"
#include "lib/glib/ask_disk.h"

#include <algorithm>
#include <atomic>

namespace panto::storage
{

namespace
{

std::shared_ptr<const Library> library_of(const config::Storage &settings)
{
    const std::string &folder = settings.directory;
    const Library::Limits limits = limits_of(settings);
    const auto asked = glance_at_disk(
        Lane::Images, [folder, limits] { return std::make_shared<const Library>(folder, limits); });
    return asked ? *asked : std::make_shared<const Library>(folder, limits, Library::Silent{});
}

} // namespace

Storage::Storage(const config::Storage &settings, Drives drives, OpenUrl open_url)
    : settings_{settings}, open_url_{std::move(open_url)}, library_{library_of(settings)},
      uploads_{library_}
{
    uploads_.on_installed = [this] { told(); };
    uploads_.may_replace = [this](const std::string &name) -> Part::MayReplace {
        return [unused = unused(name), name, library = library_]() -> Result<> {
            auto image = unused();
            if (image || !library->has(name))
                return ok;
            return Error{Kind::Conflict, "the old one stays: " + image.error().message, EEXIST};
        };
    };
    use(std::move(drives));
}

void Storage::use(Drives drives)
{
    if (waiting_.size() < places_.size())
        waiting_.resize(places_.size());
    for (size_t n = 0; n < places_.size(); ++n)
        waiting_[n] = places_[n]->last;
    places_.clear();
    for (auto &drive : drives) {
        auto place = std::make_shared<Place>();
        place->drive = std::move(drive);
        places_.push_back(place);
        const size_t n = places_.size();
        const Content former = n > waiting_.size() ? Content{} : std::exchange(waiting_[n - 1], {});
        if (former.medium)
            bring_back(place, former);
        watch(place);
    }
    told();
}

void Storage::bring_back(const std::shared_ptr<Place> &place, const Content &former)
{
    place->filling = true;
    place->coming = former.medium;
    place->url = former.url;
    place->last = former;
    const auto check = [medium = *former.medium, others = beside(*place)] {
        return check_alone(medium, others);
    };
    ask_disk(Lane::Images, check, [weak = self_.weak(), place, former](Result<> good) {
        auto *self = alive(weak);
        if (!self || self->is_gone(place)) // the next drive's turn, and its files
            return;
        const auto end = [weak, place, former](Result<> in) {
            auto *storage = alive(weak);
            if (storage && !storage->is_gone(place))
                storage->brought_back(*place, former, std::move(in));
        };
        if (good && former.url && former.url->ended())
            good = Error{Kind::Unavailable, former.url->trouble()};
        good ? place->drive->insert(*former.medium, end) : end(std::move(good));
    });
}

void Storage::brought_back(Place &place, const Content &former, Result<> in)
{
    const std::string file = former.url ? shown(former.url->url()) : former.medium->path;
    settle(place);
    const bool is_there = place.drive->state().medium == former.medium;
    if (is_there && in) {
        log_message("storage", "back in the drive", {{"file", file}});
    } else if (!in) {
        std::string words = file + (is_there ? " is back in the drive, but "
                                             : " was in this drive before the USB gadget changed, "
                                               "and cannot be put back: ");
        words += in.error().message;
        log_warning("storage", words);
        place.trouble = is_there ? "" : words;
    }
    told();
}

void Storage::watch(const std::shared_ptr<Place> &place)
{
    place->drive->on_changed = [this, weak = std::weak_ptr{place}] {
        if (auto changed_place = weak.lock())
            changed(changed_place);
    };
    changed(place);
}

void Storage::changed(const std::shared_ptr<Place> &place)
{
    const auto &state = place->drive->state();
    const auto &medium = state.medium;
    if (!medium && !place->filling && place->url && state.trouble.empty())
        log_message("storage", "ejected by the computer", {{"file", shown(place->url->url())}});
    if (medium && is_nbd_device(medium->path) && !place->url && !place->filling) {
        // Left by a process that crashed: nobody serves this device any more.
        log_message("storage", "dead medium taken out", {{"file", medium->path}});
        place->drive->eject(true, [](Result<> r) {
            if (!r)
                log_warning("storage", r.error().message);
        });
    }
    if (!place->filling)
        settle(*place);
    told();
}

/// After a change: remembers what is in the drive now. A drive that cannot be looked into, as when
/// the gadget is being taken apart, has lost nothing.
void Storage::settle(Place &place)
{
    place.filling = false;
    place.coming.reset();
    const auto &state = place.drive->state();
    if (!state.trouble.empty())
        return;
    if (!state.medium)
        place.url.reset();
    else
        place.trouble.clear();
    place.last = {state.medium, place.url};
}

Result<std::shared_ptr<Storage::Place>> Storage::place(unsigned drive) const
{
    if (places_.empty())
        return Error{Kind::NotFound, "there is no drive to mount images in"};
    if (drive >= places_.size())
        return Error{Kind::NotFound, "there is no drive " + std::to_string(drive)};
    return places_[drive];
}

void Storage::list(Done<std::vector<Library::Image>> done)
{
    ask_disk(
        Lane::Images, [library = library_] { return library->list(); }, std::move(done));
}

void Storage::inspect_all(Done<std::vector<Listed>> done)
{
    const auto inspected = std::make_shared<std::atomic<unsigned>>();
    const auto work = [library = library_, inspected]() -> Result<std::vector<Listed>> {
        PANTO_TRY(images, library->list());
        std::vector<Listed> out;
        for (auto &image : images) {
            auto inspection = library->inspect(image.name);
            ++*inspected;
            if (!inspection) // gone meanwhile, or unreadable
                inspection = Inspection{.size_bytes = image.size_bytes,
                                        .kind = "unknown",
                                        .reason = inspection.error().message};
            out.push_back({std::move(image), std::move(*inspection)});
        }
        return out;
    };
    ask_disk(Lane::Images, work, std::move(done), [inspected] { return inspected->load(); });
}

void Storage::space(Done<Library::Space> done)
{
    ask_disk(
        Lane::Images, [library = library_] { return library->space(); }, std::move(done));
}

void Storage::on_disk(std::function<bool(const Library &)> ask, std::function<void(bool)> done)
{
    ask_disk(
        Lane::Images,
        [library = library_, ask = std::move(ask)]() -> Result<bool> { return ask(*library); },
        [done = std::move(done)](Result<bool> said) { done(said && *said); });
}

/// Opens the image, on a worker, unless it is in a drive now or about to be.
std::function<Result<Fd>()> Storage::unused(const std::string &name) const
{
    std::vector<std::string> mounted, coming;
    for (const auto &p : places_) {
        if (p->drive->state().medium)
            mounted.push_back(p->drive->state().medium->path);
        if (p->coming)
            coming.push_back(p->coming->path);
        if (p->filling && p->last.medium) // which comes back when the next is refused
            coming.push_back(p->last.medium->path);
    }
    return [library = library_, name, mounted, coming]() -> Result<Fd> {
        PANTO_TRY(image, library->open(name));
        if (is_one_of(image, mounted))
            return Error{Kind::Conflict, "the image is mounted: unmount it first"};
        if (is_one_of(image, coming))
            return Error{Kind::Busy, "the image is being mounted"};
        return std::move(image);
    };
}

void Storage::remove(const std::string &name_or_path, Done<> done)
{
    auto name = library_->name_of(name_or_path);
    if (!name)
        return done(std::move(name.error()));
    if (std::count(removing_.begin(), removing_.end(), *name))
        return done(Error{Kind::Busy, "the image is being deleted already"});
    if (uploads_.is_replacing(*name))
        return done(Error{Kind::Busy, "the image is being replaced by another of its name"});
    if (offload_waiting(Lane::Images) >= kMostAtDisk)
        return done(disk_is_silent());
    removing_.push_back(*name);
    const auto work = [library = library_, name = *name, unused = unused(*name)]() -> Result<> {
        if (auto image = unused(); !image)
            return std::move(image.error());
        return library->remove(name);
    };
    const auto told_in_time = within(kDiskPatience, disk_is_silent(), std::move(done));
    offload(Lane::Images, work,
            [weak = self_.weak(), name = *name, told_in_time](Result<> removed) {
                if (auto *self = alive(weak)) {
                    std::erase(self->removing_, name);
                    told_in_time(std::move(removed));
                    self->told();
                }
            });
}

std::vector<Slot> Storage::slots() const
{
    std::vector<Slot> out;
    for (const auto &p : places_) {
        const auto &state = p->drive->state();
        Slot slot;
        slot.trouble = state.trouble.empty() ? p->trouble : state.trouble;
        if (state.medium) {
            slot.file = p->url ? p->url->url() : state.medium->path;
            slot.cdrom = state.medium->cdrom;
            slot.read_only = state.medium->read_only;
        }
        if (p->url && !p->url->trouble().empty())
            slot.trouble = p->url->trouble();
        out.push_back(std::move(slot));
    }
    return out;
}

} // namespace panto::storage
