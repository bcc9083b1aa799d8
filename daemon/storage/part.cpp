// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/storage/part.h"

#include "lib/base/file.h"
#include "lib/glib/offload.h"
#include "lib/json/json.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

namespace panto::storage
{

namespace
{

constexpr uint64_t kSyncEveryBytes = 16 << 20; // what a power cut costs at the most
constexpr char kRecordSuffix[] = ".json";

Error failed(const char *what, int code)
{
    const bool full = code == ENOSPC || code == EDQUOT;
    return Error{Kind::Unavailable,
                 full ? "disk full: no room for the rest of the image"
                      : std::string{"cannot "} + what + " the upload: " + std::strerror(code),
                 code};
}

bool is_id(const std::string &text)
{
    return text.size() == 32 && text.find_first_not_of("0123456789abcdef") == text.npos;
}

Result<Fd> open_parts(const Library &library)
{
    PANTO_TRY(folder, library.open_folder());
    if (::mkdirat(folder.get(), kPartsFolder, 0700) != 0 && errno != EEXIST)
        return failed("begin", errno);
    Fd parts{::openat(folder.get(), kPartsFolder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    if (!parts)
        return failed("begin", errno);
    return parts;
}

/// Whether the file system can give an image that name: FAT and its kin can not give every one.
Result<> try_name(const Fd &parts, const std::string &name)
{
    const Fd probe{
        ::openat(parts.get(), name.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600)};
    const int error = probe ? 0 : errno;
    if (probe)
        ::unlinkat(parts.get(), name.c_str(), 0);
    if (error == EINVAL || error == EILSEQ || error == ENAMETOOLONG)
        return Error{Kind::Invalid,
                     "no image can have that name: the file system of the images does not hold it "
                     "(FAT and exFAT hold none with : ? * \" < > |)",
                     error};
    return error == 0 ? ok : failed("begin", error);
}

struct Record {
    Announcement announcement;
    uint64_t synced = 0;
};

Result<Record> read_record(const std::string &path)
{
    PANTO_TRY(text, read_file(path, 8192));
    PANTO_TRY(node, json::parse_object(text));
    JsonObject *object = json::object(node);
    const auto name = json::text_at(object, "name"), sha256 = json::text_at(object, "sha256");
    const auto source = json::text_at(object, "source").value_or("");
    const auto size = json::whole_at(object, "size"), synced = json::whole_at(object, "synced");
    const bool replace = json::whole_at(object, "replace").value_or(0) != 0;
    if (!name || !sha256 || !size || !synced || *size < 0 || *synced < 0 || *synced > *size ||
        !check_name(*name))
        return Error{Kind::Invalid, path + " is no record of an upload"};
    return Record{{*name, uint64_t(*size), *sha256, source, replace}, uint64_t(*synced)};
}

} // namespace

Part::Part(std::shared_ptr<const Library> library, Announcement announcement, std::string id,
           Fd parts, Fd data)
    : library_{std::move(library)}, announcement_{std::move(announcement)}, id_{std::move(id)},
      parts_{std::move(parts)}, data_{std::move(data)},
      modified_s_{std::time(nullptr)}, sum_{g_checksum_new(G_CHECKSUM_SHA256)}
{
}

/// What is still to be written is written then, and waited for.
Part::~Part()
{
    offload(Lane::Images, [data = std::make_shared<Fd>(std::move(data_)),
                           parts = std::make_shared<Fd>(std::move(parts_))] {});
}

Result<std::shared_ptr<Part>> Part::create(std::shared_ptr<const Library> library,
                                           Announcement announcement, const std::string &id)
{
    PANTO_TRY(parts, open_parts(*library));
    if (auto held = try_name(parts, announcement.name); !held)
        return std::move(held.error());
    Fd data{::openat(parts.get(), id.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
    if (!data)
        return failed("begin", errno);
    std::shared_ptr<Part> part{
        new Part{library, std::move(announcement), id, std::move(parts), std::move(data)}};
    if (auto recorded = part->record(); !recorded) {
        part->discard();
        return std::move(recorded.error());
    }
    return part;
}

Result<std::shared_ptr<Part>> Part::open(std::shared_ptr<const Library> library,
                                         const std::string &id)
{
    PANTO_TRY(parts, open_parts(*library));
    const std::string path = library->path_of(kPartsFolder) + "/" + id;
    PANTO_TRY(record, read_record(path + kRecordSuffix));
    Fd data{::openat(parts.get(), id.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC)};
    struct stat st = {};
    if (!data || ::fstat(data.get(), &st) != 0 || uint64_t(st.st_size) < record.synced)
        return Error{Kind::Invalid, path + " is shorter than its record says"};
    const timespec times[] = {st.st_atim, st.st_mtim}; // cutting off does not make it younger
    if (::ftruncate(data.get(), off_t(record.synced)) != 0 || ::futimens(data.get(), times) != 0)
        return failed("go on with", errno);
    std::shared_ptr<Part> part{
        new Part{library, record.announcement, id, std::move(parts), std::move(data)}};
    part->stored_ = part->synced_ = record.synced;
    part->modified_s_ = st.st_mtime;
    return part;
}

std::vector<std::string> Part::left_in(const Library &library)
{
    std::vector<std::string> ids, strays;
    const std::string folder = library.path_of(kPartsFolder);
    DIR *dir = ::opendir(folder.c_str());
    while (const dirent *d = dir ? ::readdir(dir) : nullptr) {
        const std::string name = d->d_name;
        const std::string id = name.substr(0, 32);
        if (name == "." || name == "..")
            continue;
        if (!is_id(id) || (name != id && name != id + kRecordSuffix))
            strays.push_back(name);
        else if (name == id)
            ids.push_back(id);
        else if (::faccessat(::dirfd(dir), id.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) != 0)
            strays.push_back(name); // its bytes have become an image
    }
    for (const auto &name : strays)
        ::unlinkat(::dirfd(dir), name.c_str(), 0);
    if (dir)
        ::closedir(dir);
    return ids;
}

void Part::forget(const Library &library, const std::string &id)
{
    const std::string path = library.path_of(kPartsFolder) + "/" + id;
    ::unlink(path.c_str());
    ::unlink((path + kRecordSuffix).c_str());
}

Result<> Part::record()
{
    const std::string text = json::Object{}
                                 .add("name", announcement_.name)
                                 .add("size", announcement_.size_bytes)
                                 .add("sha256", announcement_.sha256)
                                 .add("source", announcement_.source)
                                 .add("replace", int64_t(announcement_.replace))
                                 .add("synced", synced_)
                                 .text();
    auto done =
        replace_file(library_->path_of(kPartsFolder) + "/" + id_ + kRecordSuffix, text, 0600);
    if (!done)
        return failed("record", done.error().code);
    return ok;
}

Result<> Part::hash_what_is_stored()
{
    std::vector<uint8_t> block(1 << 20);
    const ReadAt read = read_at(data_);
    while (hashed_ < stored_) {
        const size_t want = size_t(std::min<uint64_t>(block.size(), stored_ - hashed_));
        const size_t got = read(hashed_, std::span{block}.first(want));
        if (got == 0)
            return failed("read back", EIO);
        g_checksum_update(sum_.get(), block.data(), gssize(got));
        hashed_ += got;
    }
    return ok;
}

Result<> Part::append(std::string_view bytes)
{
    if (bytes.size() > announcement_.size_bytes - stored_)
        return Error{Kind::Invalid, "more bytes than the " +
                                        std::to_string(announcement_.size_bytes) + " announced"};
    if (auto hashed = hash_what_is_stored(); !hashed)
        return hashed;
    for (size_t at = 0; at < bytes.size();) {
        const ssize_t n =
            ::pwrite(data_.get(), bytes.data() + at, bytes.size() - at, off_t(stored_));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return failed("store", errno);
        g_checksum_update(sum_.get(), reinterpret_cast<const guchar *>(bytes.data() + at), n);
        at += size_t(n);
        stored_ += uint64_t(n);
        modified_s_ = std::time(nullptr);
        hashed_ = stored_.load();
    }
    return stored_ - synced_ < kSyncEveryBytes ? ok : sync();
}

Result<> Part::sync()
{
    if (stored_ == synced_)
        return ok;
    // Some file systems find out only now that there is no room.
    if (::fdatasync(data_.get()) != 0)
        return failed("store", errno);
    synced_ = stored_;
    return record();
}

Result<> Part::install(const MayReplace &may_replace)
{
    if (auto hashed = hash_what_is_stored(); !hashed)
        return hashed;
    const std::string sum = g_checksum_get_string(sum_.get());
    if (!announcement_.sha256.empty() && sum != announcement_.sha256)
        return Error{Kind::Conflict, "sha256 mismatch", EBADMSG};
    if (::fchmod(data_.get(), 0644) != 0 || ::fsync(data_.get()) != 0)
        return failed("store", errno);
    PANTO_TRY(folder, library_->open_folder());
    const char *name = announcement_.name.c_str();
    const bool replace = announcement_.replace && may_replace;
    if (replace)
        if (auto may = may_replace(); !may)
            return may;
    int renamed =
        replace ? ::renameat(parts_.get(), id_.c_str(), folder.get(), name)
                : ::renameat2(parts_.get(), id_.c_str(), folder.get(), name, RENAME_NOREPLACE);
    if (renamed != 0 && !replace && errno == EINVAL) // exFAT cannot promise that
        renamed = ::faccessat(folder.get(), name, F_OK, AT_SYMLINK_NOFOLLOW) == 0
                      ? (errno = EEXIST, -1)
                      : ::renameat(parts_.get(), id_.c_str(), folder.get(), name);
    if (renamed != 0 && errno == EEXIST)
        return Error{Kind::Conflict, "an image of that name exists", EEXIST};
    if (renamed != 0)
        return failed("install", errno);
    ::fsync(folder.get());
    ::unlinkat(parts_.get(), (id_ + kRecordSuffix).c_str(), 0);
    return ok;
}

void Part::discard()
{
    ::unlinkat(parts_.get(), id_.c_str(), 0);
    ::unlinkat(parts_.get(), (id_ + kRecordSuffix).c_str(), 0);
    data_ = Fd{}; // its room is free now, not when the last who knows of it forgets
}

} // namespace panto::storage
