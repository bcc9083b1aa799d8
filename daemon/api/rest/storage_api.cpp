// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/api/rest/rest.h"

#include "daemon/api/rest/envelope.h"

namespace panto::api
{

namespace
{

using http::Reply;
using http::Request;
using http::Role;
using storage::Storage;

struct FileBody {
    std::string file;
};
constexpr Field<FileBody> kFile[] = {
    {"file", "Image, by its whole path or its name", &FileBody::file}};

constexpr Field<storage::Wish> kWish[] = {
    {"file", "Image or http(s) URL to put into the drive; empty takes it out",
     &storage::Wish::file},
    {"cdrom", "Show it as a CD-ROM, not as a disk", &storage::Wish::cdrom},
    {"readOnly", "Let the computer not write to the disk", &storage::Wish::read_only},
    {"drive", "Which of the computer's drives, from 0", &storage::Wish::drive, 0, 15},
    {"force", "Take out by force what the computer holds", &storage::Wish::force},
};

json::Object described(const Storage &storage, const storage::Listed &l)
{
    const storage::Inspection &i = l.inspection;
    json::Array warnings;
    for (const auto &w : i.warnings)
        warnings.add(w);
    const bool bios = i.iso.boots_bios || i.disk.boots_bios;
    const bool uefi = i.iso.boots_uefi || i.disk.boots_uefi;
    return json::Object{}
        .add("file", storage.library().path_of(l.image.name))
        .add("name", l.image.name)
        .add("size", l.image.size_bytes)
        .add("modified", l.image.modified_s)
        .add("kind", i.kind)
        .add("label", i.label())
        .add("bootsBios", bios)
        .add("bootsUefi", uefi)
        .add("table", i.disk.table)
        .add("filesystem", i.disk.filesystem)
        .add("mountAs", i.mount_as == storage::As::CdRom ? "cdrom" : "disk")
        .add("reason", i.reason)
        .add("noCdrom", i.no_cdrom)
        .add("warnings", warnings);
}

void describe_all(Storage &storage, const Reply &reply)
{
    storage.inspect_all([&storage, reply](Result<std::vector<storage::Listed>> all) {
        if (!all)
            return reply(failure(-2, "get images failed", all.error()));
        json::Array images, files;
        for (const auto &l : *all) {
            images.add(described(storage, l));
            files.add(storage.library().path_of(l.image.name));
        }
        storage.space([reply, images, files](Result<storage::Library::Space> space) {
            if (!space)
                return reply(failure(-2, "get images failed", space.error()));
            reply(success(json::Object{}
                              .add("files", files) // what clients of old firmware read
                              .add("images", images)
                              .add("total", space->total_bytes)
                              .add("free", space->free_bytes)
                              .add("used", space->used_bytes)
                              .add("quota", space->quota_bytes)));
        });
    });
}

void list(Storage &storage, const Reply &reply)
{
    storage.list([&storage, reply](Result<std::vector<storage::Library::Image>> images) {
        if (!images)
            return reply(failure(-2, "get images failed", images.error()));
        json::Array files;
        for (const auto &image : *images)
            files.add(storage.library().path_of(image.name));
        reply(success(json::Object{}.add("files", files)));
    });
}

void mount(Storage &storage, const storage::Wish &wish, const Reply &reply)
{
    const bool out = wish.file.empty();
    const auto answer = [reply, out](Result<> done) {
        if (done)
            return reply(success());
        reply(failure(-2, out ? "unmount image failed" : "mount image failed", done.error()));
    };
    if (out)
        storage.unmount(wish.drive, wish.force, answer);
    else
        storage.mount(wish, answer);
}

void remove(Storage &storage, const std::string &file, const Reply &reply)
{
    storage.remove(file, [reply](Result<> done) {
        if (done)
            return reply(success());
        const Error &e = done.error();
        reply(e.kind == Kind::Invalid ? failure(-2, "invalid arguments", e)
                                      : failure(-3, "remove file failed", e));
    });
}

json::Array drives(const Storage &storage)
{
    json::Array all;
    for (const auto &slot : storage.slots())
        all.add(json::Object{}
                    .add("file", slot.file)
                    .add("cdrom", slot.cdrom)
                    .add("readOnly", slot.read_only)
                    .add("trouble", slot.trouble));
    return all;
}

storage::Slot first(const Storage &storage)
{
    const auto slots = storage.slots();
    return slots.empty() ? storage::Slot{} : slots.front();
}

} // namespace

std::vector<http::Route> storage_routes(Storage &storage)
{
    const auto with_file = [&storage](const FileBody &b, const Request &, Reply reply) {
        b.file.empty()
            ? reply(failure(-1, "invalid arguments", Error{Kind::Invalid, "file is required"}))
            : remove(storage, b.file, reply);
    };
    const auto mounted = [&storage](const Request &, Reply reply) {
        const storage::Slot &slot = first(storage);
        reply(success(json::Object{}
                          .add("file", slot.file)
                          .add("cdrom", slot.cdrom)
                          .add("readOnly", slot.read_only)));
    };
    return {
        {"GET", "/api/storage/image", Role::Admin, "Lists the images",
         [&storage](const Request &, Reply reply) { list(storage, reply); }},
        {"GET", "/api/storage/images", Role::Admin,
         "Lists the images with what each is and how to mount it, and the room for more",
         [&storage](const Request &, Reply reply) { describe_all(storage, reply); }},
        {"GET", "/api/storage/image/mounted", Role::Admin,
         "Tells which image is in the first drive", mounted},
        {"GET", "/api/storage/images/mounted", Role::Admin,
         "Tells which image is in the first drive", mounted},
        {"GET", "/api/storage/cdrom", Role::Admin, "Tells whether the first drive is a CD-ROM",
         [&storage](const Request &, Reply reply) {
             reply(success(json::Object{}.add("cdrom", first(storage).cdrom ? 1 : 0)));
         }},
        {"GET", "/api/storage/drives", Role::Admin, "Tells what is in each drive",
         [&storage](const Request &, Reply reply) {
             reply(success(json::Object{}.add("drives", drives(storage))));
         }},
        {"POST", "/api/storage/image/mount", Role::Admin,
         "Puts an image into a drive, or takes it out",
         with_body(kWish, [&storage](const storage::Wish &wish, const Request &,
                                     Reply reply) { mount(storage, wish, reply); })},
        {"POST", "/api/storage/image/delete", Role::Admin, "Deletes an image",
         with_body(kFile, with_file)},
    };
}

} // namespace panto::api
