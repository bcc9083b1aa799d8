// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "daemon/storage/drive.h"
#include "lib/base/alive.h"
#include "lib/glib/source.h"

#include <chrono>

namespace panto::storage
{

/// The files of one LUN's folder. Called on worker threads; an Error's code is the errno.
struct LunFiles {
    std::function<Result<std::string>(const std::string &name)> read;
    std::function<Result<>(const std::string &name, const std::string &text)> write;
};
/// The kernel's, in configfs: /sys/kernel/config/usb_gadget/G/functions/mass_storage.N/lun.M
LunFiles lun_files(const std::string &folder);

/// LunDrive: a drive that the kernel's mass storage function shows to the computer over USB.
///
/// The kernel tells nobody when the computer ejects, so the LUN is looked at twice a second. The
/// computer asks once, when it finds the drive, whether it is a CD-ROM or a disk: to change that
/// the gadget is connected anew; while something else changes the gadget, 5 s at most, that waits.
/// A medium that was there before us is taken over.
///
/// What the computer holds, as Linux does what it has mounted, the kernel knows and never lets go
/// without force. Another computer, which locks no disk, is known to use one by its image's time.
///
/// Source   Linux Documentation/usb/mass-storage.rst, drivers/usb/gadget/function/f_mass_storage.c
class LunDrive : public Drive
{
public:
    /// Connects the gadget anew.
    using Reconnect = std::function<void(Done<>)>;

    using WallClock = std::function<std::chrono::system_clock::time_point()>;

    LunDrive(LunFiles files, Reconnect reconnect, WallClock now = std::chrono::system_clock::now);

    void insert(const Medium &medium, Done<> done) override;
    void eject(bool force, Done<> done) override;
    void check_idle(Done<> done) override;
    bool reconnects_for(const Medium &medium) const override;

private:
    struct Outcome;
    struct Asked;
    void work(std::function<Outcome()> job, Done<> done);
    void connect_anew(int tries, const std::shared_ptr<Asked> &asked);
    void found(Result<State> now);
    void look();

    LunFiles files_;
    Reconnect reconnect_;
    WallClock now_;
    std::chrono::system_clock::time_point since_; ///< when what is in it was first seen there
    bool working_ = false;
    bool looking_ = false;
    unsigned changes_ = 0; // so that a look from before a change is not believed
    Source watch_;
    Source again_;
    Self<LunDrive> self_{this};
};

/// Connects the gadget that a LUN's folder lies in anew, by its UDC file.
LunDrive::Reconnect reconnect_gadget_of(const std::string &lun_folder);

} // namespace panto::storage
