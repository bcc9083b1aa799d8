// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/config/schema.h"
#include "daemon/storage/downloads.h"
#include "daemon/storage/drive.h"
#include "daemon/storage/library.h"
#include "daemon/storage/uploads.h"
#include "daemon/storage/url_disk.h"
#include "lib/base/alive.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace panto::storage
{

/// What to put into which drive.
struct Wish {
    std::string file; ///< an image's name or whole path, or an http(s) URL
    bool cdrom = false;
    bool read_only = false; ///< CD-ROMs and URLs are anyway
    unsigned drive = 0;
    bool force = true; ///< take out by force what the computer holds
};

/// What a drive shows, in our terms.
struct Slot {
    std::string file; ///< whole path, or URL; "" when it is empty
    bool cdrom = false;
    bool read_only = false;
    std::string trouble; ///< why it cannot be read or reached; "" when all is well
};

/// One image and what is known of it.
struct Listed {
    Library::Image image;
    Inspection inspection;
};

/// Storage: the images, and which of them lies in which drive of the computer.
///
/// What is in the drives outlasts them: it waits for drives that go, and is in them when they are
/// back, or their trouble says why not.
///
/// Errors   those of Library, Uploads, Drive and UrlDisk; NotFound for no such drive; Conflict for
///          an image that cannot be deleted while it is mounted; Busy for one that is being
///          mounted, or mounted while it is being deleted; Unavailable for a drive that goes
///          meanwhile: what was in it before is what waits; Unavailable for a disk that is silent
///          for kDiskPatience, or a drive whose medium's is
/// Threads  main loop only; what blocks runs on worker threads
class Storage
{
public:
    using Drives = std::vector<std::unique_ptr<Drive>>;
    using OpenUrl =
        std::function<void(const std::string &url, const UrlDisk::How &, Done<UrlDisk::Opened>)>;

    Storage(const config::Storage &settings, Drives drives, OpenUrl open_url = UrlDisk::open);

    /// Puts others in place of the drives, as when the gadget is made anew; what was in each is put
    /// into the one that comes after it.
    void use(Drives drives);

    const Library &library() const { return *library_; }
    Uploads &uploads() { return uploads_; }
    Downloads &downloads() { return downloads_; }

    void list(Done<std::vector<Library::Image>> done);
    /// All images with what the inspector says of each.
    void inspect_all(Done<std::vector<Listed>> done);
    void space(Done<Library::Space> done);
    /// What ask() says of the library, which it may block on; false when the disk is silent.
    void on_disk(std::function<bool(const Library &)> ask, std::function<void(bool)> done);
    void remove(const std::string &name_or_path, Done<> done);

    /// Checks what is wished for, and puts it in place of what is in the drive. When that cannot be
    /// the drive holds what it held; when only the computer cannot be told, it stays in. Without
    /// force Busy, when the computer would lose another drive that it may be writing to.
    void mount(const Wish &wish, Done<> done);
    void unmount(unsigned drive, bool force, Done<> done);
    /// Busy when the computer may lose something if all drives go now; it says what.
    void check_idle(const Done<> &done);
    std::vector<Slot> slots() const;
    /// A change of all drives waits: gives up what comes from a URL whose server it may be waiting
    /// for.
    void hurry();
    /// Takes out what comes from URLs, by force: nobody serves it once this process has ended.
    void take_out_urls(std::function<void()> done);

    std::function<void()> on_changed; ///< what slots() says, or the list of images

private:
    struct Content {
        std::optional<Medium> medium;
        UrlDisk::Opened url; ///< kept while it may have to come back
    };
    struct Place {
        std::unique_ptr<Drive> drive;
        UrlDisk::Opened url; ///< what lies in it, when it comes from one
        bool filling = false;
        std::optional<Medium> coming; ///< what it is being filled with
        Content last;                 ///< what was in it before that, or when it was last seen
        std::string trouble;          ///< of what did not come back
        Source hurry;                 ///< while something is taken out by force
    };
    void watch(const std::shared_ptr<Place> &place);
    void changed(const std::shared_ptr<Place> &place);
    static void settle(Place &place);
    void bring_back(const std::shared_ptr<Place> &place, const Content &former);
    void brought_back(Place &place, const Content &former, Result<> in);
    std::vector<Medium> beside(const Place &place) const;
    std::function<Result<Fd>()> unused(const std::string &name) const;
    Result<> check_cable(const Place &place, const Medium &medium) const;
    void mount_image(const std::shared_ptr<Place> &place, const Wish &wish, Done<> done);
    void mount_url(const std::shared_ptr<Place> &place, const Wish &wish, Done<> done);
    bool is_gone(const std::shared_ptr<Place> &place) const;
    Done<> settled(const std::shared_ptr<Place> &place, Done<> done);
    void fill(const std::shared_ptr<Place> &place, const Medium &medium, UrlDisk::Opened url,
              bool force, Done<> done);
    static void put_back(const std::shared_ptr<Place> &place, const Content &former,
                         const Error &why, Done<> done);
    Result<std::shared_ptr<Place>> place(unsigned drive) const;
    void told() const
    {
        if (on_changed)
            on_changed();
    }

    config::Storage settings_;
    OpenUrl open_url_;
    std::shared_ptr<const Library> library_;
    Uploads uploads_;
    Downloads downloads_{uploads_};
    std::vector<std::shared_ptr<Place>> places_;
    std::vector<Content> waiting_;      // for drives that are gone, by their number
    std::vector<std::string> removing_; // names of images that are being deleted
    Self<Storage> self_{this};
};

/// The drives of these LUN folders; reconnect connects their gadget anew, in place of its UDC file.
Storage::Drives lun_drives(const std::vector<std::string> &folders,
                           const std::function<void(Done<>)> &reconnect = nullptr);
/// The LUN folders that the configuration names, if any.
std::vector<std::string> lun_folders(const config::Storage &settings);
/// How much the images may take.
Library::Limits limits_of(const config::Storage &settings);
/// The drives that the configuration names.
Storage::Drives drives_of(const config::Storage &settings);

} // namespace panto::storage
