// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/storage/storage.h"
#include "lib/glib/offload.h"
#include "tests/fakes/stuck_lane.h"
#include "tests/unit/loop.h"
#include "tests/unit/temp_dir.h"

#include <filesystem>
#include <gtest/gtest.h>

using namespace panto;
using namespace panto::storage;
using namespace std::chrono_literals;

namespace
{

/// A drive that refuses some media, as a kernel does whose word comes after the drive is empty.
class FakeDrive : public Drive
{
public:
    void insert(const Medium &medium, Done<> done) override
    {
        if (on_insert)
            on_insert(medium);
        if (!refused.empty() && medium.path.ends_with(refused))
            return done(Error{Kind::Unavailable, "refused"});
        if (state().medium)
            return done(Error{Kind::Busy, "there is a medium in the drive"});
        as_cdrom = medium.cdrom;
        show({medium, ""});
        if (meanwhile)
            meanwhile();
        done(unheard.empty() || !medium.path.ends_with(unheard)
                 ? Result<>{ok}
                 : Error{Kind::Unavailable, "cannot connect it anew"});
    }
    void eject(bool force, Done<> done) override
    {
        if (on_eject)
            on_eject();
        if (held && !force)
            return done(Error{Kind::Busy, "held"});
        if (hangs) {
            hanging = std::move(done);
            return;
        }
        show({});
        if (meanwhile)
            meanwhile();
        done(ok);
    }
    /// What it waited for is there.
    void wake()
    {
        show({});
        std::exchange(hanging, nullptr)(ok);
    }

    void check_idle(Done<> done) override { done(in_use); }
    bool reconnects_for(const Medium &medium) const override { return as_cdrom != medium.cdrom; }
    /// As while the gadget is taken apart.
    void vanish() { show({{}, "there is no such LUN"}); }

    std::function<void(const Medium &)> on_insert;
    std::function<void()> on_eject;
    std::function<void()> meanwhile; // before it says that a change is done
    std::string refused;
    std::string unheard; // it is in, but the computer cannot be told
    bool held = false;
    Result<> in_use = ok;
    bool hangs = false; // as a kernel does that still reads from the medium
    Done<> hanging;
    bool as_cdrom = false; // what the computer takes it for
};

/// What a web server serves; tells when its connection is ended.
class FakeServed : public ServedDevice
{
public:
    FakeServed(std::vector<std::string> &deeds, const bool &waited_for)
        : deeds_{deeds}, waited_for_{waited_for}
    {
    }
    const std::string &path() const override { return path_; }
    void hang_up() override { deeds_.push_back("hang up"); }
    bool is_waited_for() const override { return waited_for_; }

private:
    std::vector<std::string> &deeds_;
    const bool &waited_for_;
    std::string path_ = "/dev/nbd0";
};

class StorageDrives : public testing::Test
{
protected:
    StorageDrives()
    {
        dir.write("a.img", std::string(4096, 'a'));
        dir.write("b.img", std::string(4096, 'b'));
        dir.write("c.iso", std::string(400 * kCdBlockBytes, 'c'));
        use(2);
    }
    /// Others in their place, as when the gadget is made anew.
    void use(size_t count, const std::string &refused = "")
    {
        exchange(count, refused);
        settle();
    }
    /// Does not wait for what comes back.
    void exchange(size_t count, const std::string &refused = "")
    {
        Storage::Drives made;
        fakes.clear();
        for (size_t n = 0; n < count; ++n) {
            auto fake = std::make_unique<FakeDrive>();
            fake->refused = refused;
            fake->on_insert = [this, of = exchanges](const Medium &medium) {
                inserts.push_back(std::to_string(of) + " " +
                                  medium.path.substr(medium.path.rfind('/') + 1));
            };
            fakes.push_back(fake.get());
            made.push_back(std::move(fake));
        }
        ++exchanges;
        storage.use(std::move(made));
    }
    static void settle()
    {
        EXPECT_TRUE(offload_drain(30s));
        Loop::run();
    }
    Result<> put(const Wish &wish)
    {
        std::optional<Result<>> result;
        storage.mount(wish, [&](Result<> r) { result = std::move(r); });
        settle();
        return result.value();
    }
    Result<> mount(const std::string &file, bool read_only = false, bool force = true)
    {
        return put({.file = file, .read_only = read_only, .force = force});
    }
    void mount_url()
    {
        ASSERT_TRUE(put({.file = "http://server/u.iso", .cdrom = true}));
        ASSERT_EQ(in_drive(), "u.iso");
        fakes[0]->on_eject = [this] { deeds.push_back("eject"); };
    }
    std::string in_drive(unsigned n = 0) const
    {
        const std::string file = storage.slots().at(n).file;
        return file.substr(file.rfind('/') + 1);
    }
    bool there(const std::string &name) const { return storage.library().has(name); }

    std::vector<std::string> inserts; // "0 a.img" into a drive of the first ones, as asked for
    int exchanges = 0;
    TempDir dir;
    std::vector<std::string> deeds; // as a drive with what comes from a URL is changed
    bool waited_for = false;        // whether the computer is reading a sector of it
    UrlDisk::Opened url_disk;
    Storage storage{{.directory = dir.path},
                    Storage::Drives{},
                    [this](const std::string &url, const UrlDisk::How &how, auto done) {
                        if (!url.starts_with("http://server/"))
                            return UrlDisk::open(url, how, done);
                        url_disk =
                            UrlDisk::over(url, how, std::make_unique<FakeServed>(deeds, waited_for),
                                          400 * kCdBlockBytes);
                        done(url_disk);
                    }};
    std::vector<FakeDrive *> fakes;
};

} // namespace

TEST_F(StorageDrives, SayWhichOfThemTheComputerUses)
{
    const auto asked = [this] {
        std::optional<Result<>> idle;
        storage.check_idle([&](Result<> r) { idle = std::move(r); });
        settle();
        return idle.value();
    };
    ASSERT_TRUE(put({.file = "b.img", .drive = 1}));
    EXPECT_TRUE(asked());
    fakes[0]->in_use = Error{Kind::Unavailable, "the drive is gone"};
    EXPECT_TRUE(asked()) << "which keeps nobody from anything";
    fakes[1]->in_use = Error{Kind::Busy, "the computer holds it"};
    const auto busy = asked();
    ASSERT_FALSE(busy);
    EXPECT_EQ(busy.error().kind, Kind::Busy);
    EXPECT_EQ(busy.error().message, dir.path + "/b.img in drive 1 would be taken from the "
                                               "computer: the computer holds it; eject it there "
                                               "first, or use force");
    use(0);
    EXPECT_TRUE(asked());
}

TEST_F(StorageDrives, OneImageTakesThePlaceOfAnother)
{
    ASSERT_TRUE(mount("a.img"));
    ASSERT_TRUE(mount("b.img"));
    EXPECT_EQ(in_drive(), "b.img");
}

TEST_F(StorageDrives, WhatWasInTheDriveComesBackWhenTheNextIsRefused)
{
    ASSERT_TRUE(mount("a.img", true));
    fakes[0]->refused = "b.img";
    const auto refused = mount("b.img");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message, "refused; what was in the drive is back");
    EXPECT_EQ(in_drive(), "a.img");
    EXPECT_TRUE(storage.slots().at(0).read_only) << "and as it was";
}

TEST_F(StorageDrives, WhatTheComputerCannotBeToldOfStaysInAndTheErrorSaysSo)
{
    ASSERT_TRUE(mount("a.img"));
    fakes[0]->unheard = "b.img";
    const auto unheard = mount("b.img");
    ASSERT_FALSE(unheard);
    EXPECT_EQ(unheard.error().message, "it is in the drive: cannot connect it anew");
    EXPECT_EQ(in_drive(), "b.img");
}

TEST_F(StorageDrives, CallsNothingLostThatIsBackThoughTheComputerCannotBeToldOfIt)
{
    ASSERT_TRUE(mount("a.img"));
    fakes[0]->refused = "b.img";
    fakes[0]->unheard = "a.img";
    const auto refused = mount("b.img");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message,
              "refused; what was in the drive is back: cannot connect it anew");
    EXPECT_EQ(in_drive(), "a.img");
}

TEST_F(StorageDrives, SaysSoWhenTheFormerOneIsLost)
{
    ASSERT_TRUE(mount("a.img"));
    fakes[0]->refused = ".img"; // from now on it takes none
    const auto refused = mount("b.img");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message, "refused; what was in the drive is out, too: refused");
    EXPECT_EQ(in_drive(), "");
}

TEST_F(StorageDrives, WhatTheComputerHoldsStaysWithoutForce)
{
    ASSERT_TRUE(mount("a.img"));
    fakes[0]->held = true;
    EXPECT_FALSE(mount("b.img", false, false));
    EXPECT_EQ(in_drive(), "a.img");
}

TEST_F(StorageDrives, NoCableIsPulledFromUnderADiskThatTheComputerMayBeWritingTo)
{
    ASSERT_TRUE(put({.file = "a.img", .drive = 1}));
    const Wish disc{.file = "c.iso", .cdrom = true, .force = false};
    const auto refused = put(disc);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, Kind::Busy);
    EXPECT_NE(refused.error().message.find("/a.img in drive 1"), std::string::npos);
    EXPECT_NE(refused.error().message.find("force"), std::string::npos);
    EXPECT_EQ(in_drive(0), "");
    EXPECT_EQ(in_drive(1), "a.img");

    ASSERT_TRUE(put({.file = "a.img", .read_only = true, .drive = 1}));
    EXPECT_TRUE(put(disc)) << "nothing is written to what is read-only";
    EXPECT_EQ(in_drive(0), "c.iso");
}

TEST_F(StorageDrives, TheCableIsPulledByForceOrWhenNoDriveTurns)
{
    ASSERT_TRUE(put({.file = "a.img", .drive = 1}));
    EXPECT_TRUE(put({.file = "b.img", .force = false}));
    EXPECT_TRUE(put({.file = "c.iso", .cdrom = true, .force = true}));
    EXPECT_EQ(in_drive(0), "c.iso");
    EXPECT_TRUE(put({.file = "c.iso", .cdrom = true, .force = false})) << "it is a CD-ROM by now";
}

TEST_F(StorageDrives, OneFileIsInTwoDrivesOnlyWhereNeitherCanWriteWhateverItIsCalled)
{
    std::filesystem::create_hard_link(dir.path + "/a.img", dir.path + "/alias.img");
    ASSERT_TRUE(put({.file = "a.img"}));
    EXPECT_EQ(put({.file = "alias.img", .drive = 1}).error().kind, Kind::Conflict);
    ASSERT_TRUE(put({.file = "a.img", .read_only = true}));
    EXPECT_TRUE(put({.file = "alias.img", .read_only = true, .drive = 1}));
}

TEST_F(StorageDrives, OfTwoThatMountOneFileAtOnceOneIsRefused)
{
    std::vector<Result<>> results;
    for (const unsigned n : {0u, 1u})
        storage.mount({.file = "a.img", .drive = n},
                      [&](Result<> r) { results.push_back(std::move(r)); });
    settle();
    ASSERT_EQ(results.size(), 2u);
    EXPECT_NE(bool(results[0]), bool(results[1]));
}

TEST_F(StorageDrives, WhatIsBeingDeletedIsNotMounted)
{
    std::optional<Result<>> removed, mounted;
    storage.remove("a.img", [&](Result<> r) { removed = std::move(r); });
    storage.mount({.file = dir.path + "/a.img"}, [&](Result<> r) { mounted = std::move(r); });
    settle();
    EXPECT_TRUE(removed.value());
    EXPECT_EQ(mounted.value().error().kind, Kind::Busy);
    EXPECT_FALSE(there("a.img"));
    EXPECT_EQ(in_drive(), "");
    EXPECT_EQ(mount("a.img").error().kind, Kind::NotFound);
}

TEST_F(StorageDrives, WhatIsBeingMountedIsNotDeletedAndAnythingElseIs)
{
    std::optional<Result<>> removed, other, mounted;
    storage.mount({.file = "a.img"}, [&](Result<> r) { mounted = std::move(r); });
    storage.remove("a.img", [&](Result<> r) { removed = std::move(r); });
    storage.remove("b.img", [&](Result<> r) { other = std::move(r); });
    settle();
    EXPECT_TRUE(mounted.value());
    EXPECT_EQ(removed.value().error().kind, Kind::Busy);
    EXPECT_TRUE(other.value());
    EXPECT_TRUE(there("a.img"));
    EXPECT_EQ(in_drive(), "a.img");
}

TEST_F(StorageDrives, WhatWasInTheDrivesIsInThemWhenTheyAreBack)
{
    ASSERT_TRUE(put({.file = "c.iso", .cdrom = true}));
    ASSERT_TRUE(put({.file = "a.img", .drive = 1}));
    for (auto *fake : fakes)
        fake->vanish();
    use(0);
    EXPECT_TRUE(storage.slots().empty());
    use(2);
    EXPECT_EQ(in_drive(0), "c.iso");
    EXPECT_EQ(in_drive(1), "a.img");
    EXPECT_TRUE(storage.slots().at(0).cdrom) << "and as it was";
    EXPECT_FALSE(storage.slots().at(1).read_only);
}

TEST_F(StorageDrives, WhatTheComputerOrAPersonTookOutDoesNotComeBack)
{
    ASSERT_TRUE(put({.file = "a.img"}));
    ASSERT_TRUE(put({.file = "b.img", .drive = 1}));
    fakes[0]->eject(true, [](Result<>) {});
    storage.unmount(1, true, [](Result<>) {});
    use(0);
    use(2);
    EXPECT_EQ(in_drive(0), "");
    EXPECT_EQ(in_drive(1), "");
}

TEST_F(StorageDrives, AMountWhoseDriveGoesMeanwhileIsNotCalledDone)
{
    ASSERT_TRUE(put({.file = "a.img"}));
    std::optional<Result<>> mounted;
    storage.mount({.file = "b.img"}, [&](Result<> r) { mounted = std::move(r); });
    use(0);
    EXPECT_EQ(mounted.value().error().kind, Kind::Unavailable);
    use(2);
    EXPECT_EQ(in_drive(), "a.img");

    fakes[0]->meanwhile = [&] { storage.use({}); };
    EXPECT_FALSE(put({.file = "b.img"})) << "gone when the former one was out";
    use(2);
    EXPECT_EQ(in_drive(), "a.img");
}

TEST_F(StorageDrives, AnImageThatIsMountedAsTheGadgetIsTakenApartIsTheOneThatComesBack)
{
    ASSERT_TRUE(put({.file = "a.img"}));
    fakes[0]->meanwhile = [drive = fakes[0]] {
        if (drive->state().medium)
            drive->vanish();
    };
    ASSERT_TRUE(put({.file = "b.img"}));
    use(0);
    use(2);
    EXPECT_EQ(in_drive(), "b.img");
}

TEST_F(StorageDrives, WhatIsTakenOutAsTheDriveGoesIsNotCalledTakenOut)
{
    ASSERT_TRUE(put({.file = "a.img"}));
    fakes[0]->meanwhile = [&] { storage.use({}); };
    std::optional<Result<>> out;
    storage.unmount(0, true, [&](Result<> r) { out = std::move(r); });
    settle();
    EXPECT_EQ(out.value().error().kind, Kind::Unavailable);
    use(2);
    EXPECT_EQ(in_drive(), "a.img");
}

TEST_F(StorageDrives, TheDriveSaysWhatDidNotComeBackUntilItIsUsedAgain)
{
    ASSERT_TRUE(put({.file = "a.img"}));
    use(0);
    use(1, "a.img");
    EXPECT_EQ(in_drive(), "");
    EXPECT_EQ(storage.slots().at(0).trouble,
              dir.path + "/a.img was in this drive before the USB gadget changed, and cannot be "
                         "put back: refused");
    ASSERT_TRUE(mount("b.img"));
    EXPECT_EQ(storage.slots().at(0).trouble, "");
}

TEST_F(StorageDrives, WhatIsInAnotherDriveByNowDoesNotComeBackToWriteBesideIt)
{
    ASSERT_TRUE(put({.file = "a.img", .drive = 1}));
    use(1);
    ASSERT_TRUE(mount("a.img"));
    use(2);
    EXPECT_EQ(in_drive(0), "a.img");
    EXPECT_EQ(in_drive(1), "");
    EXPECT_NE(storage.slots().at(1).trouble.find("another drive"), std::string::npos);
}

TEST_F(StorageDrives, AnyUrlIsKnownForOneAndTheSchemesThatAreServedAreNamed)
{
    for (const char *url : {"ftp://host/a.iso", "FTP://host/a.iso", "smb+x://host/a.iso"}) {
        const auto refused = mount(url);
        ASSERT_FALSE(refused);
        EXPECT_NE(refused.error().message.find("http:// or https://"), std::string::npos) << url;
    }
    const auto upper = mount("HTTP://user@host/a.iso"); // taken for what it is, and looked into
    ASSERT_FALSE(upper);
    EXPECT_NE(upper.error().message.find("user name"), std::string::npos);
}

TEST_F(StorageDrives, AMountThatTheDiskDoesNotAnswerFailsAndIsNotDoneLater)
{
    StuckLane disk{Lane::Images};
    std::optional<Result<>> mounted;
    storage.mount({.file = "a.img"}, [&](Result<> r) { mounted = std::move(r); });
    Loop::run();
    EXPECT_FALSE(mounted);
    Loop::fire_timers();
    EXPECT_EQ(mounted.value().error().kind, Kind::Unavailable);
    disk.go_on();
    settle();
    EXPECT_EQ(in_drive(), "");
    EXPECT_TRUE(mount("a.img"));
}

TEST_F(StorageDrives, ADeletionThatTheDiskDoesNotAnswerFailsAndIsMindedUntilItIsDone)
{
    StuckLane disk{Lane::Images};
    std::optional<Result<>> removed;
    storage.remove("a.img", [&](Result<> r) { removed = std::move(r); });
    Loop::fire_timers();
    EXPECT_EQ(removed.value().error().kind, Kind::Unavailable);
    std::optional<Result<>> mounted;
    storage.mount({.file = "a.img"}, [&](Result<> r) { mounted = std::move(r); });
    EXPECT_EQ(mounted.value().error().kind, Kind::Busy);
    disk.go_on();
    settle();
    EXPECT_FALSE(there("a.img"));
    EXPECT_EQ(mount("a.img").error().kind, Kind::NotFound);
}

TEST_F(StorageDrives, ADriveThatDoesNotAnswerIsBusyUntilItDoes)
{
    ASSERT_TRUE(mount("a.img"));
    fakes[0]->hangs = true;
    std::optional<Result<>> out;
    storage.unmount(0, true, [&](Result<> r) { out = std::move(r); });
    Loop::fire_timers();
    EXPECT_EQ(out.value().error().kind, Kind::Unavailable);
    EXPECT_EQ(mount("b.img").error().kind, Kind::Busy);
    fakes[0]->hangs = false;
    fakes[0]->wake();
    EXPECT_EQ(in_drive(), "");
    EXPECT_TRUE(mount("b.img"));
}

TEST_F(StorageDrives, NothingIsPutBackIntoADriveThatWasExchangedAgainMeanwhile)
{
    ASSERT_TRUE(mount("a.img"));
    StuckLane disk{Lane::Images};
    exchange(2);
    exchange(2);
    inserts.clear();
    disk.go_on();
    settle();
    EXPECT_EQ(inserts, std::vector<std::string>{"2 a.img"}) << "into the last ones only";
    EXPECT_EQ(in_drive(), "a.img");
}

TEST_F(StorageDrives, AMountThatFailsAsTheDriveIsExchangedPutsNothingBackIntoTheNextOne)
{
    ASSERT_TRUE(mount("a.img"));
    fakes[0]->refused = "b.img";
    fakes[0]->on_insert = [&](const Medium &medium) {
        inserts.push_back("0 " + medium.path.substr(medium.path.rfind('/') + 1));
        exchange(2);
    };
    inserts.clear();
    EXPECT_EQ(mount("b.img").error().kind, Kind::Unavailable);
    settle(); // what waits for the next one comes back
    EXPECT_EQ(inserts, (std::vector<std::string>{"0 b.img", "1 a.img"}));
    EXPECT_EQ(in_drive(), "a.img");
}

TEST_F(StorageDrives, AForcedEjectEndsTheConnectionToAServerFirstSoThatNoReadWaitsForIt)
{
    mount_url();
    storage.unmount(0, true, [](Result<> out) { EXPECT_TRUE(out); });
    EXPECT_EQ(deeds, (std::vector<std::string>{"hang up", "eject"}));
    EXPECT_EQ(in_drive(), "");
}

TEST_F(StorageDrives, AnEjectThatTheComputerMayRefuseLeavesTheServersDiscWhole)
{
    mount_url();
    fakes[0]->held = true;
    storage.unmount(0, false, [](Result<> out) { EXPECT_FALSE(out); });
    EXPECT_EQ(deeds, std::vector<std::string>{"eject"});
    EXPECT_EQ(storage.slots().at(0).trouble, "");
}

TEST_F(StorageDrives, AServersDiscComesBackWhenTheNextIsRefusedUnlessItsServerIsSilent)
{
    mount_url();
    fakes[0]->refused = "b.img";
    EXPECT_FALSE(mount("b.img"));
    EXPECT_EQ(deeds, std::vector<std::string>{"eject"});
    EXPECT_EQ(in_drive(), "u.iso");

    deeds.clear();
    url_disk->said("nbdkit: curl[1]: error: pread: Timeout was reached");
    const auto refused = mount("b.img");
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("is out, too"), std::string::npos);
    EXPECT_EQ(deeds, (std::vector<std::string>{"hang up", "eject"}));
    EXPECT_EQ(in_drive(), "");
}

TEST_F(StorageDrives, AServerThatIsWaitedForIsGivenUpWhenAChangeOfAllDrivesTakesLong)
{
    mount_url();
    storage.hurry();
    EXPECT_EQ(deeds, std::vector<std::string>{}) << "nobody waits for it: it may come back";
    waited_for = true;
    storage.hurry();
    storage.hurry();
    EXPECT_EQ(deeds, std::vector<std::string>{"hang up"});
    EXPECT_NE(storage.slots().at(0).trouble, "");
}

TEST_F(StorageDrives, TheEndOfTheDaemonWaitsForNoServer)
{
    mount_url();
    bool done = false;
    storage.take_out_urls([&] { done = true; });
    EXPECT_TRUE(done);
    EXPECT_EQ(deeds, (std::vector<std::string>{"hang up", "eject"}));
}
