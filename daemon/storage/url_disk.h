// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/storage/nbd_device.h"
#include "daemon/storage/recovery.h"
#include "lib/base/alive.h"
#include "lib/base/done.h"
#include "lib/base/fetch.h"
#include "lib/glib/gio.h"
#include "lib/glib/source.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>

PANTO_COUNTED(GDataInputStream, g_object_ref, g_object_unref)

namespace panto::storage
{

/// UrlDisk: a file on a web server as a read-only block device, each sector fetched when it is
/// read.
///
/// nbdkit's curl plugin fetches, the kernel's nbd makes the device. nbdkit ends when its socket
/// closes, and with this process.
///
/// Errors   Invalid for no such URL, Unavailable with what the server or the machine lacks
/// Threads  main loop only
class UrlDisk
{
public:
    using Opened = std::shared_ptr<UrlDisk>;

    struct How {
        unsigned timeout_s;         ///< a request to the server that takes longer fails
        uint64_t block_bytes = 512; ///< the last one is filled up with zeros
        fetch::Start fetch{};       ///< looks whether the server can be believed; none: nobody
    };
    /// Nothing but one byte is fetched before, and nothing but what is read; all of the file that
    /// was there then, as far as the server tells another one that comes in its place.
    static void open(const std::string &url, const How &how, Done<Opened> done);
    /// One whose device is served already.
    static Opened over(const std::string &url, const How &how, std::unique_ptr<ServedDevice> device,
                       uint64_t size_bytes);
    ~UrlDisk();
    UrlDisk(const UrlDisk &) = delete;
    UrlDisk &operator=(const UrlDisk &) = delete;

    const std::string &url() const { return url_; }
    const std::string &device() const { return device_->path(); }
    uint64_t size_bytes() const { return size_bytes_; }
    /// What went wrong: a sector that could not be read, until others can be, or the end of all.
    const std::string &trouble() const { return trouble_; }
    bool ended() const { return ended_; }
    /// It is to be taken out: reads of it fail at once, and it serves no more. on_trouble is not
    /// called again.
    void hang_up();
    /// As hang_up(), if somebody waits for a sector: a server that is silent must not hold up those
    /// who change the drive or the gadget.
    void hang_up_waiting();
    /// A line of nbdkit's.
    void said(const std::string &line);

    std::function<void()> on_trouble; ///< also when it is over

private:
    UrlDisk(std::string url, const How &how) : url_{std::move(url)}, how_{how} {}
    static void attach(Opened disk);
    Result<> start(Fd server);
    void read_line();
    void hushed();
    void wait_for_recovery();
    void attached(std::unique_ptr<NbdDevice> device, uint64_t size);
    void give_up(Error error);
    void end();

    std::string url_;
    How how_;
    std::string precondition_; // of each request: that it is the same file yet
    Ref<GSubprocess> nbdkit_;
    Ref<GDataInputStream> stderr_;
    std::unique_ptr<ServedDevice> device_;
    uint64_t size_bytes_ = 0;
    std::string trouble_;
    bool silent_ = false; // nbdkit will say no more
    bool ended_ = false;
    std::optional<Error> failure_; // of the start, until nbdkit has said why
    Done<Opened> opened_;
    Opened keep_; // while it starts
    Source patience_;
    Recovery recovery_;
    Source look_; // whether it reads well again
    Self<UrlDisk> self_{this};
};

/// What this machine lacks to mount from URLs, and how to come by it.
struct Lack {
    std::string what, cure;
};
std::optional<Lack> url_disk_lack();

/// For the log: a query may hold the signature that opens the file to whoever has it.
std::string shown(const std::string &url);
/// Kind::Invalid with the reason when it is no URL to mount from.
Result<> check_url(const std::string &url);
/// What a line of nbdkit's says in words for a user; "" when it is no error.
std::string reason_in(const std::string &line, unsigned timeout_s);

} // namespace panto::storage
