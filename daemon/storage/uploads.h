// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/storage/part.h"
#include "lib/base/alive.h"
#include "lib/base/done.h"
#include "lib/glib/source.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace panto::storage
{

/// The size to announce when nobody knows it: as much as fits. Writer::finish_here() says where the
/// end is. What a former run left of such a one is removed.
inline constexpr uint64_t kSizeUnknown = INT64_MAX;

/// How far an upload is.
struct Progress {
    std::string id;
    Announcement announcement;
    uint64_t stored_bytes = 0;
    bool busy = false;  ///< somebody is sending
    bool whole = false; ///< it is an image now
};

/// Uploads: images on their way in, part by part, across interruptions and restarts.
///
/// Errors   those of Part; Invalid for a name or sum that cannot be, NotFound for an unknown id,
///          Busy while somebody else sends, Conflict (code ERANGE) for an offset that is not the
///          next; Unavailable for a disk that is silent for kDiskPatience
/// Drops    parts that nobody has added to for a day
/// Threads  main loop only; the disk is touched on worker threads
class Uploads
{
public:
    using Now = std::function<int64_t()>; ///< seconds since 1970

    /// Puts one request's bytes into a part. Dying in between keeps what was taken.
    class Writer
    {
    public:
        Writer(Uploads &uploads, std::shared_ptr<Part> part) : uploads_{uploads}, part_{part} {}
        ~Writer();
        Writer(const Writer &) = delete;
        Writer &operator=(const Writer &) = delete;

        /// Stores bytes; one call at a time. After an error the rest is swallowed.
        void take(std::string bytes, std::function<void()> taken);
        /// Says how far the upload is, after making an image of it when it is whole.
        void finish(Done<Progress> done);
        /// As finish(), though more was announced.
        void finish_here(Done<Progress> done);
        /// Throws all away that came, of this and of former requests.
        void discard(Done<> done);
        uint64_t announced_bytes() const { return part_->announcement().size_bytes; }
        /// Why the rest is swallowed.
        const std::optional<Error> &error() const { return error_; }

    private:
        friend class Uploads;
        Uploads &uploads_;
        std::shared_ptr<Part> part_;
        std::optional<Error> error_;
        bool busy_ = false;
        bool took_ = false; // there may be something to sync
        Self<Writer> self_{this};
    };

    explicit Uploads(std::shared_ptr<const Library> library, Now now = nullptr);

    /// Begins an upload, or finds the one with the same announcement that was interrupted.
    void begin(Announcement announcement, Done<Progress> done);
    /// Begins an upload at its first byte, whatever came of one with the same announcement.
    void begin_anew(Announcement announcement, Done<Progress> done);
    /// Goes on with an upload at the byte that is next.
    Result<std::unique_ptr<Writer>> write(const std::string &id, uint64_t offset);
    Result<Progress> find(const std::string &id) const;
    std::vector<Progress> all() const;
    void cancel(const std::string &id, Done<> done);
    /// Gives up what is left of a fetched image of this one's name that is another.
    void make_way(const Announcement &announcement);
    /// Removes what was abandoned.
    void sweep();

    /// Whether that image is being replaced, and so is no longer what it was.
    bool is_replacing(const std::string &name) const;

    std::function<void()> on_installed; ///< an image was added
    /// What is to be asked on a worker, at the disk, before an image of that name is replaced;
    /// unset: none is. Conflict with code EEXIST when it has to stay.
    std::function<Part::MayReplace(const std::string &name)> may_replace;

private:
    struct Entry {
        std::shared_ptr<Part> part;
        bool busy = false;
    };
    Progress progress_of(const Entry &entry) const;
    using Parts = std::vector<std::shared_ptr<Part>>;
    void take_over(const Parts &left);
    struct Ended;
    void ended(const std::shared_ptr<Part> &part, Ended how, const Done<Progress> &done);
    Part::MayReplace asked_of(const Announcement &announcement) const;
    void release(const std::string &id, const std::shared_ptr<Part> &part);
    void free(const std::string &id);
    uint64_t promised_bytes() const;

    std::shared_ptr<const Library> library_;
    Now now_;
    std::map<std::string, Entry> parts_;
    std::vector<std::string> beginning_; // names whose part is being made
    std::vector<std::string> replacing_; // names of images that others take the place of
    Source sweeper_;
    bool taken_over_ = false; // what a former run left
    Self<Uploads> self_{this};
};

/// Kind::Invalid with the reason when no upload can be announced so.
Result<> check_announcement(Announcement &announcement);

} // namespace panto::storage
