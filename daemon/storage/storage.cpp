// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/storage/storage.h"

#include "daemon/observe/log.h"
#include "daemon/storage/lun_drive.h"
#include "lib/glib/offload.h"

#include <sys/stat.h>

namespace panto::storage
{

namespace
{

bool is_url(const std::string &file)
{
    return file.starts_with("http://") || file.starts_with("https://");
}

/// Whether the open image is what lies at one of the paths, whatever the paths are called.
bool is_one_of(const Fd &image, const std::vector<std::string> &paths)
{
    struct stat ours = {}, other = {};
    if (::fstat(image.get(), &ours) != 0)
        return false;
    for (const auto &path : paths)
        if (::stat(path.c_str(), &other) == 0 && other.st_dev == ours.st_dev &&
            other.st_ino == ours.st_ino)
            return true;
    return false;
}

} // namespace

Library::Limits limits_of(const config::Storage &settings)
{
    return {uint64_t(settings.quota_mib) << 20, uint64_t(settings.reserve_mib) << 20};
}

Storage::Drives lun_drives(const std::vector<std::string> &folders,
                           const std::function<void(Done<>)> &reconnect)
{
    Storage::Drives drives;
    for (const auto &folder : folders)
        drives.push_back(std::make_unique<LunDrive>(
            lun_files(folder), reconnect ? reconnect : reconnect_gadget_of(folder)));
    return drives;
}

std::vector<std::string> lun_folders(const config::Storage &settings)
{
    if (settings.lun == "none" || settings.lun == "virtual")
        return {};
    std::vector<std::string> folders{""};
    for (const char c : settings.lun) {
        if (c == ',')
            folders.emplace_back();
        else
            folders.back() += c;
    }
    return folders;
}

Storage::Drives drives_of(const config::Storage &settings)
{
    if (settings.lun == "virtual") {
        Storage::Drives drives;
        drives.push_back(virtual_drive());
        return drives;
    }
    return lun_drives(lun_folders(settings));
}

Storage::Storage(const config::Storage &settings, Drives drives)
    : settings_{settings},
      library_{std::make_shared<Library>(settings.directory, limits_of(settings))}, uploads_{
                                                                                        library_}
{
    uploads_.on_installed = [this] { told(); };
    use(std::move(drives));
}

Storage::Storage(const config::Storage &settings) : Storage{settings, drives_of(settings)} {}

void Storage::use(Drives drives)
{
    places_.clear();
    for (auto &drive : drives) {
        auto place = std::make_shared<Place>();
        place->drive = std::move(drive);
        watch(place);
        places_.push_back(std::move(place));
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
    const auto &medium = place->drive->state().medium;
    if (!medium && !place->filling && place->url) {
        log_message("storage", "ejected by the computer", {{"file", place->url->url()}});
        place->url.reset();
    }
    if (medium && is_nbd_device(medium->path) && !place->url && !place->filling) {
        // Left by a process that crashed: nobody serves this device any more.
        log_message("storage", "dead medium taken out", {{"file", medium->path}});
        place->drive->eject(true, [](Result<> r) {
            if (!r)
                log_warning("storage", r.error().message);
        });
    }
    told();
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
    offload([library = library_] { return library->list(); }, std::move(done));
}

void Storage::inspect_all(Done<std::vector<Listed>> done)
{
    const auto work = [library = library_]() -> Result<std::vector<Listed>> {
        PANTO_TRY(images, library->list());
        std::vector<Listed> out;
        for (auto &image : images) {
            auto inspection = library->inspect(image.name);
            if (!inspection) // gone meanwhile, or unreadable
                inspection = Inspection{.size_bytes = image.size_bytes,
                                        .kind = "unknown",
                                        .reason = inspection.error().message};
            out.push_back({std::move(image), std::move(*inspection)});
        }
        return out;
    };
    offload(work, std::move(done));
}

void Storage::space(Done<Library::Space> done)
{
    offload([library = library_] { return library->space(); }, std::move(done));
}

void Storage::on_disk(std::function<bool(const Library &)> ask, std::function<void(bool)> done)
{
    offload([library = library_, ask = std::move(ask)] { return ask(*library); }, std::move(done));
}

void Storage::remove(const std::string &name_or_path, Done<> done)
{
    auto name = library_->name_of(name_or_path);
    if (!name)
        return done(std::move(name.error()));
    std::vector<std::string> mounted;
    for (const auto &p : places_) {
        if (p->filling)
            return done(Error{Kind::Busy, "a drive is being filled"});
        if (p->drive->state().medium)
            mounted.push_back(p->drive->state().medium->path);
    }
    const auto work = [library = library_, name = *name, mounted]() -> Result<> {
        PANTO_TRY(image, library->open(name));
        if (is_one_of(image, mounted))
            return Error{Kind::Conflict, "the image is mounted: unmount it first"};
        return library->remove(name);
    };
    offload(work, [weak = self_.weak(), done](Result<> removed) {
        if (auto *self = alive(weak)) {
            done(std::move(removed));
            self->told();
        }
    });
}

void Storage::mount(const Wish &wish, Done<> done)
{
    auto found = place(wish.drive);
    if (!found)
        return done(std::move(found.error()));
    if (std::exchange((*found)->filling, true))
        return done(Error{Kind::Busy, "another change of this drive is under way"});
    const auto end = [weak = self_.weak(), place = *found, done](Result<> r) {
        place->filling = false;
        auto *self = alive(weak);
        if (!self)
            return;
        if (!place->drive->state().medium)
            place->url.reset();
        done(std::move(r));
        self->told();
    };
    is_url(wish.file) ? mount_url(*found, wish, end) : mount_image(*found, wish, end);
}

void Storage::mount_image(const std::shared_ptr<Place> &place, const Wish &wish, Done<> done)
{
    auto name = library_->name_of(wish.file);
    if (!name)
        return done(std::move(name.error()));
    const auto check = [library = library_, name = *name, cdrom = wish.cdrom]() -> Result<> {
        PANTO_TRY(inspection, library->inspect(name));
        if (cdrom && !inspection.no_cdrom.empty())
            return Error{Kind::Invalid, "this cannot be a CD-ROM, as " + inspection.no_cdrom +
                                            "; mount it as a disk"};
        if (inspection.size_bytes < kDiskBlockBytes)
            return Error{Kind::Invalid, "this cannot be a disk: it holds no whole sector"};
        return ok;
    };
    const Medium medium{library_->path_of(*name), wish.cdrom, wish.cdrom || wish.read_only};
    offload(check, [weak = self_.weak(), place, medium, force = wish.force, done](Result<> good) {
        auto *self = alive(weak);
        if (!self)
            return;
        if (good)
            good = self->check_alone(*place, medium);
        if (!good)
            return done(std::move(good.error()));
        self->fill(place, medium, nullptr, force, done);
    });
}

/// Two that write to one file system spoil it, and so does one that writes what the other has read.
Result<> Storage::check_alone(const Place &place, const Medium &medium) const
{
    for (const auto &other : places_) {
        const auto in = other->drive->state().medium;
        if (other.get() != &place && in && in->path == medium.path &&
            !(in->read_only && medium.read_only))
            return Error{Kind::Conflict, "it is in another drive already, and one of the two could "
                                         "write to it; mount it read-only in both"};
    }
    return ok;
}

void Storage::mount_url(const std::shared_ptr<Place> &place, const Wish &wish, Done<> done)
{
    UrlDisk::open(
        wish.file, {settings_.url_timeout_s, wish.cdrom ? kCdBlockBytes : kDiskBlockBytes},
        [weak = self_.weak(), place, wish, done](Result<UrlDisk::Opened> disk) {
            auto *self = alive(weak);
            if (!self)
                return;
            if (!disk)
                return done(std::move(disk.error()));
            const std::string refusal = wish.cdrom ? cdrom_refusal((*disk)->size_bytes()) : "";
            if (!refusal.empty())
                return done(Error{Kind::Invalid, "this cannot be a CD-ROM, as " + refusal +
                                                     "; mount it as a disk"});
            (*disk)->on_trouble = [weak, url = wish.file, of = disk->get()] {
                log_warning("storage", of->trouble(), {{"url", url}});
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
    const Content former{place->drive->state().medium, place->url};
    place->drive->eject(force, [place, medium, url, former, done](Result<> empty) {
        if (!empty)
            return done(std::move(empty));
        place->url = url;
        place->drive->insert(medium, [place, medium, former, done](Result<> in) {
            if (in)
                return done(ok);
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
    (*found)->drive->eject(force, [weak = self_.weak(), place = *found, done](Result<> r) {
        place->filling = false;
        if (!place->drive->state().medium)
            place->url.reset();
        done(std::move(r));
        if (auto *self = alive(weak))
            self->told();
    });
}

void Storage::take_out_urls(std::function<void()> done)
{
    // The last of those who hold it calls it.
    const std::shared_ptr<void> all{nullptr, [done = std::move(done)](void *) { done(); }};
    for (const auto &place : places_)
        if (place->url && !std::exchange(place->filling, true))
            place->drive->eject(true, [place, all](Result<> out) {
                if (!out)
                    log_warning("storage", out.error().message);
                place->url.reset();
            });
}

std::vector<Slot> Storage::slots() const
{
    std::vector<Slot> out;
    for (const auto &p : places_) {
        const auto &state = p->drive->state();
        Slot slot;
        slot.trouble = state.trouble;
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
