// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/storage/library.h"
#include "lib/base/fd.h"
#include "lib/glib/ref.h"

#include <atomic>
#include <functional>
#include <glib.h>
#include <memory>
#include <string>

namespace panto::storage
{

/// What an upload is going to be.
struct Announcement {
    std::string name; ///< of the image, without folders
    uint64_t size_bytes = 0;
    std::string sha256; ///< 64 hexadecimal digits in lower case, or "" for unchecked
    std::string source; ///< what the bytes come from, when it can tell: parts of two are not mixed
    bool replace = false; ///< an image of that name makes way for it when it is whole

    bool operator==(const Announcement &) const = default;
};

/// Part: the beginning of an image, in the library's .parts folder, and what it is to become.
///
/// What counts as stored is on the disk: beside the bytes stands a record of how many were synced,
/// and whatever lies beyond is cut off when the part is opened again.
///
/// Errors   Unavailable with code ENOSPC or EDQUOT when there is no room; Conflict with EBADMSG for
///          a wrong checksum, with EEXIST when the name has been taken meanwhile; Invalid for a
///          name that the file system does not hold
/// Threads  any, one at a time; every method but the getters blocks on the disk
class Part
{
public:
    static Result<std::shared_ptr<Part>> create(std::shared_ptr<const Library> library,
                                                Announcement announcement, const std::string &id);
    /// Opens one that a former run left. Kind::Invalid when it is none.
    static Result<std::shared_ptr<Part>> open(std::shared_ptr<const Library> library,
                                              const std::string &id);
    /// The ids of those in the folder; removes what belongs to none.
    static std::vector<std::string> left_in(const Library &library);
    /// Removes one that open() found to be none.
    static void forget(const Library &library, const std::string &id);
    ~Part();

    const std::string &id() const { return id_; }
    const Announcement &announcement() const { return announcement_; }
    uint64_t stored_bytes() const { return stored_; } ///< from any thread, at any time
    /// As stored_bytes(). It grows while it works, after a restart over what was stored before.
    uint64_t hashed_bytes() const { return hashed_; }
    bool whole() const { return stored_ == announcement_.size_bytes; }

    /// What has come is all of it, though more was announced.
    void end_here() { announcement_.size_bytes = stored_; }
    Result<> append(std::string_view bytes);
    Result<> sync();
    /// Checks the sum and makes an image of it, in place of one of its name if that is announced
    /// and `may_replace`, where given, says so right before.
    using MayReplace = std::function<Result<>()>;
    Result<> install(const MayReplace &may_replace = nullptr);
    /// Removes it and frees its room. Nothing but the getters may follow.
    void discard();
    /// It is to be discarded as soon as nobody stores into it any more. From any thread.
    void abandon() { abandoned_ = true; }
    bool abandoned() const { return abandoned_; }
    /// When it was last written to, in seconds since 1970.
    int64_t modified_s() const { return modified_s_; }

private:
    Part(std::shared_ptr<const Library> library, Announcement announcement, std::string id,
         Fd parts, Fd data);
    Result<> record();
    Result<> hash_what_is_stored();

    std::shared_ptr<const Library> library_;
    Announcement announcement_;
    std::string id_;
    Fd parts_; // the folder
    Fd data_;
    std::atomic<uint64_t> stored_ = 0;
    std::atomic<bool> abandoned_ = false;
    std::atomic<int64_t> modified_s_;
    uint64_t synced_ = 0;
    std::atomic<uint64_t> hashed_ = 0; // of what is stored; behind it after a restart
    Owned<GChecksum, g_checksum_free> sum_;
};

} // namespace panto::storage
