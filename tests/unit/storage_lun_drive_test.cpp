// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/storage/lun_drive.h"
#include "lib/glib/offload.h"
#include "tests/fakes/loop.h"
#include "tests/unit/loop.h"
#include "tests/unit/temp_dir.h"

#include <cerrno>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <map>
#include <mutex>
#include <sys/stat.h>

using namespace panto;
using namespace panto::storage;
using namespace std::chrono_literals;

namespace
{

/// Behaves as the kernel's LUN does: what may change when, and which errno says that it may not.
class FakeLun
{
public:
    LunFiles files()
    {
        return {
            [this](const std::string &name) { return read(name); },
            [this](const std::string &name, const std::string &text) { return write(name, text); }};
    }
    std::string at(const std::string &name)
    {
        std::lock_guard lock{mutex};
        return values[name];
    }
    void set(const std::string &name, const std::string &value)
    {
        std::lock_guard lock{mutex};
        values[name] = value;
    }

    std::atomic<bool> held = false;      ///< the computer has mounted it
    std::atomic<bool> gone = false;      ///< the gadget was taken apart
    std::atomic<bool> has_forced = true; ///< kernels before 5.18 have no forced_eject
    std::atomic<int> insert_error = 0;

private:
    Error error(int code) { return {Kind::Unavailable, "no", code}; }
    Result<std::string> read(const std::string &name)
    {
        if (gone)
            return error(ENOENT);
        return at(name);
    }
    Result<> write(const std::string &name, const std::string &text)
    {
        std::lock_guard lock{mutex};
        const bool full = !values["file"].empty();
        if (gone || (name == "forced_eject" && !has_forced))
            return error(ENOENT);
        if (name == "forced_eject") {
            held = false;
            values["file"].clear();
        } else if (name == "file") {
            if (full && held)
                return error(EBUSY);
            if (text.starts_with("/dev/null/"))
                return error(ENOTDIR);
            if (text != "\n" && insert_error)
                return error(insert_error);
            values["file"] = text == "\n" ? "" : text;
        } else {
            if (full)
                return error(EBUSY);
            values[name] = text;
            if (name == "cdrom" && text == "1")
                values["ro"] = "1";
        }
        return ok;
    }

    std::mutex mutex;
    std::map<std::string, std::string> values{
        {"file", ""}, {"cdrom", "0"}, {"ro", "0"}, {"removable", "1"}};
};

class LunDriveTest : public testing::Test
{
protected:
    LunDriveTest() { settle(); }
    ~LunDriveTest() override
    {
        made.reset();
        EXPECT_TRUE(offload_drain(30s)) << "what still reads a LUN";
        Loop::run();
    }
    Result<> insert(const Medium &medium)
    {
        return answer([&](Done<> done) { drive.insert(medium, done); });
    }
    Result<> eject(bool force = false)
    {
        return answer([&](Done<> done) { drive.eject(force, done); });
    }
    Result<> answer(const std::function<void(Done<>)> &call)
    {
        std::optional<Result<>> result;
        call([&](Result<> r) { result = std::move(r); });
        EXPECT_TRUE(run_until([&] { return result.has_value(); }));
        return std::move(*result);
    }
    /// Whether it may go now, or why not.
    std::string idle()
    {
        const auto r = answer([&](Done<> done) { drive.check_idle(done); });
        EXPECT_TRUE(r || r.error().kind == Kind::Busy);
        return r ? "" : r.error().message;
    }
    /// An image that was written to at that second of our clock.
    void write(const std::string &image, time_t second)
    {
        const timespec times[] = {{second, 0}, {second, 0}};
        ASSERT_EQ(::utimensat(AT_FDCWD, image.c_str(), times, 0), 0);
    }
    /// Until the drive has looked at what the LUN holds now.
    void settle()
    {
        EXPECT_TRUE(run_until([&] {
            const auto &medium = drive.state().medium;
            return (medium ? medium->path : "") == lun.at("file");
        }));
    }

    TempDir dir;
    FakeLun lun;
    FakeLun full; ///< of another drive
    std::chrono::system_clock::time_point now{std::chrono::seconds{1000}};
    int reconnects = 0;
    int busy = 0;                          ///< so often something else changes the gadget
    std::optional<Error> unconnected = {}; ///< what becomes of each reconnect
    std::unique_ptr<LunDrive> made = std::make_unique<LunDrive>(
        lun.files(),
        [this](Done<> done) {
            ++reconnects;
            if (busy && busy--)
                return done(Error{Kind::Busy, "the USB gadget is being changed"});
            done(unconnected ? Result<>{*unconnected} : ok);
        },
        [this] { return now; });
    LunDrive &drive = *made;
};

const Medium kDisc{"/data/a.iso", true, true};
const Medium kStick{"/data/b.img", false, false};

} // namespace

TEST_F(LunDriveTest, IsNotIdleWhileTheComputerHoldsWhatIsInIt)
{
    EXPECT_EQ(idle(), "") << "it is empty";
    ASSERT_TRUE(insert(kDisc));
    EXPECT_EQ(idle(), "");
    EXPECT_EQ(lun.at("file"), kDisc.path) << "to ask takes nothing out";
    lun.held = true;
    EXPECT_EQ(idle(), "the computer holds it");
    EXPECT_EQ(lun.at("file"), kDisc.path);
    lun.gone = true;
    EXPECT_EQ(idle(), "") << "there is nothing left to lose";
}

TEST_F(LunDriveTest, IsNotIdleRightAfterTheComputerWroteToAnImage)
{
    const std::string image = dir.write("b.img", "a disk");
    write(image, 999); // as it was uploaded
    ASSERT_TRUE(insert({image, false, false}));
    EXPECT_EQ(idle(), "") << "that was somebody else";
    now += 60s;
    write(image, 1055);
    EXPECT_EQ(idle(), "the computer has just written to it");
    now += 5s;
    EXPECT_EQ(idle(), "");
    write(image, 1064);
    EXPECT_NE(idle(), "");
    ASSERT_TRUE(eject());
    ASSERT_TRUE(insert({image, false, true}));
    write(image, 1065);
    EXPECT_EQ(idle(), "") << "it cannot write to that";
}

TEST_F(LunDriveTest, PutsADiscInAndTakesItOut)
{
    ASSERT_TRUE(insert(kDisc));
    EXPECT_EQ(lun.at("file"), "/data/a.iso");
    EXPECT_EQ(lun.at("cdrom"), "1");
    EXPECT_EQ(lun.at("ro"), "1");
    EXPECT_EQ(drive.state().medium, kDisc);
    ASSERT_TRUE(eject());
    EXPECT_EQ(lun.at("file"), "");
    EXPECT_FALSE(drive.state().medium);
}

TEST_F(LunDriveTest, MakesADiskWritableAgainAfterADisc)
{
    ASSERT_TRUE(insert(kDisc));
    ASSERT_TRUE(eject());
    ASSERT_TRUE(insert(kStick));
    EXPECT_EQ(lun.at("cdrom"), "0");
    EXPECT_EQ(lun.at("ro"), "0");
    EXPECT_EQ(drive.state().medium, kStick);
}

TEST_F(LunDriveTest, ConnectsAnewOnlyWhenTheKindOfDriveChanges)
{
    ASSERT_TRUE(insert(kStick));
    ASSERT_TRUE(eject());
    EXPECT_EQ(reconnects, 0);
    ASSERT_TRUE(insert(kDisc));
    EXPECT_EQ(reconnects, 1);
    ASSERT_TRUE(eject());
    ASSERT_TRUE(insert(kDisc));
    EXPECT_EQ(reconnects, 1);
}

TEST_F(LunDriveTest, WaitsToConnectAnewForWhatElseChangesTheGadget)
{
    busy = 2;
    EXPECT_TRUE(insert(kDisc));
    EXPECT_EQ(reconnects, 3);
    EXPECT_EQ(drive.state().medium, kDisc);
}

TEST_F(LunDriveTest, SaysThatAMediumIsInWhoseComputerCannotBeTold)
{
    unconnected = Error{Kind::Unavailable, "there is no port"};
    const auto unheard = insert(kDisc);
    ASSERT_FALSE(unheard);
    EXPECT_EQ(unheard.error().message, "the computer cannot be told of it: there is no port");
    EXPECT_EQ(reconnects, 1);
    EXPECT_EQ(drive.state().medium, kDisc);
    EXPECT_TRUE(eject()) << "and the drive is free for another change";
}

TEST_F(LunDriveTest, DoesNotWaitForAGadgetThatIsChangedForEver)
{
    busy = 1000;
    std::optional<Result<>> result;
    drive.insert(kDisc, [&](Result<> r) { result = std::move(r); });
    ASSERT_TRUE(run_until([&] { return reconnects == 1; }));
    for (int i = 0; i < 100 && !result; ++i)
        Loop::fire_timers();
    ASSERT_TRUE(result);
    EXPECT_EQ(result->error().kind, Kind::Busy);
    EXPECT_EQ(drive.state().medium, kDisc);
}

TEST_F(LunDriveTest, AnswersWhoeverWaitsForTheComputerToBeToldWhenTheDriveGoes)
{
    busy = 1000;
    std::optional<Result<>> result;
    drive.insert(kDisc, [&](Result<> r) { result = std::move(r); });
    ASSERT_TRUE(run_until([&] { return reconnects == 1; }));
    ASSERT_FALSE(result);
    made.reset();
    ASSERT_TRUE(result);
    EXPECT_EQ(result->error().message, "the drive is gone");
}

TEST_F(LunDriveTest, TellsBeforehandWhetherAMediumTakesTheComputerOffTheCable)
{
    EXPECT_TRUE(drive.reconnects_for(kDisc));
    EXPECT_FALSE(drive.reconnects_for(kStick));
    ASSERT_TRUE(insert(kDisc));
    ASSERT_TRUE(eject());
    EXPECT_FALSE(drive.reconnects_for(kDisc)) << "the empty drive is a CD-ROM's still";
    EXPECT_TRUE(drive.reconnects_for(kStick));
}

TEST_F(LunDriveTest, LeavesAMediumThatTheComputerHolds)
{
    ASSERT_TRUE(insert(kDisc));
    lun.held = true;
    EXPECT_EQ(eject().error().kind, Kind::Busy);
    EXPECT_EQ(drive.state().medium, kDisc);
}

TEST_F(LunDriveTest, EjectsByForceWhatTheComputerHolds)
{
    ASSERT_TRUE(insert(kDisc));
    lun.held = true;
    EXPECT_TRUE(eject(true));
    EXPECT_FALSE(drive.state().medium);
}

TEST_F(LunDriveTest, SaysThatAnOldKernelCannotForce)
{
    ASSERT_TRUE(insert(kDisc));
    lun.held = true;
    lun.has_forced = false;
    const auto r = eject(true);
    ASSERT_FALSE(r);
    EXPECT_EQ(r.error().kind, Kind::Unavailable);
    EXPECT_EQ(drive.state().medium, kDisc);
}

TEST_F(LunDriveTest, NoticesThatTheComputerEjects)
{
    ASSERT_TRUE(insert(kDisc));
    int changes = 0;
    drive.on_changed = [&] { ++changes; };
    lun.set("file", "");
    settle();
    EXPECT_EQ(changes, 1);
    EXPECT_FALSE(drive.state().medium);
}

TEST_F(LunDriveTest, TakesOverWhatWasInIt)
{
    full.set("cdrom", "1");
    full.set("ro", "1");
    full.set("file", "/data/a.iso");
    LunDrive other{full.files(), nullptr};
    EXPECT_TRUE(run_until([&] { return other.state().medium.has_value(); }));
    EXPECT_EQ(other.state().medium, kDisc);
}

TEST_F(LunDriveTest, DoesNotPutOneMediumOverAnother)
{
    ASSERT_TRUE(insert(kDisc));
    EXPECT_EQ(insert(kStick).error().kind, Kind::Busy);
    EXPECT_EQ(lun.at("file"), "/data/a.iso");
}

TEST_F(LunDriveTest, SaysWhatTheKernelHasAgainstAMedium)
{
    const std::pair<int, Kind> refusals[] = {{525, Kind::Invalid},
                                             {EINVAL, Kind::Invalid},
                                             {ENOENT, Kind::NotFound},
                                             {EIO, Kind::Unavailable}};
    for (const auto &[code, kind] : refusals) {
        lun.insert_error = code;
        const auto r = insert(kDisc);
        ASSERT_FALSE(r);
        EXPECT_EQ(r.error().kind, kind) << code;
        EXPECT_EQ(r.error().message.find("Unknown error"), std::string::npos);
    }
    lun.insert_error = 525;
    EXPECT_EQ(insert(kDisc).error().message, "the kernel finds /data/a.iso too small for a CD-ROM");
}

TEST_F(LunDriveTest, DoesOneThingAtATime)
{
    std::optional<Result<>> first;
    drive.insert(kDisc, [&](Result<> r) { first = std::move(r); });
    EXPECT_EQ(eject().error().kind, Kind::Busy);
    EXPECT_TRUE(run_until([&] { return first.has_value(); }));
    EXPECT_TRUE(*first);
}

TEST_F(LunDriveTest, SaysWhenTheLunIsGoneAndWhenItIsBack)
{
    lun.gone = true;
    EXPECT_TRUE(run_until([&] { return !drive.state().trouble.empty(); }));
    EXPECT_FALSE(insert(kDisc));
    lun.gone = false;
    EXPECT_TRUE(run_until([&] { return drive.state().trouble.empty(); }));
    EXPECT_TRUE(insert(kDisc));
}
