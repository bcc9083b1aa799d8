// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/storage/storage.h"
#include "lib/glib/offload.h"
#include "tests/unit/loop.h"
#include "tests/unit/temp_dir.h"

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
        if (!refused.empty() && medium.path.ends_with(refused))
            return done(Error{Kind::Unavailable, "refused"});
        if (state().medium)
            return done(Error{Kind::Busy, "there is a medium in the drive"});
        show({medium, ""});
        done(unheard.empty() || !medium.path.ends_with(unheard)
                 ? Result<>{ok}
                 : Error{Kind::Unavailable, "cannot connect it anew"});
    }
    void eject(bool force, Done<> done) override
    {
        if (held && !force)
            return done(Error{Kind::Busy, "held"});
        show({});
        done(ok);
    }

    std::string refused;
    std::string unheard; // it is in, but the computer cannot be told
    bool held = false;
};

class StorageDrives : public testing::Test
{
protected:
    StorageDrives()
    {
        dir.write("a.img", std::string(4096, 'a'));
        dir.write("b.img", std::string(4096, 'b'));
    }
    static Storage::Drives one_of(std::unique_ptr<FakeDrive> drive)
    {
        Storage::Drives drives;
        drives.push_back(std::move(drive));
        return drives;
    }
    Result<> mount(const std::string &file, bool read_only = false, bool force = true)
    {
        std::optional<Result<>> result;
        Wish wish;
        wish.file = file;
        wish.read_only = read_only;
        wish.force = force;
        storage.mount(wish, [&](Result<> r) { result = std::move(r); });
        EXPECT_TRUE(offload_drain(30s));
        Loop::run();
        return result.value();
    }
    std::string in_drive() const
    {
        const std::string file = storage.slots().at(0).file;
        return file.substr(file.rfind('/') + 1);
    }

    TempDir dir;
    std::unique_ptr<FakeDrive> made = std::make_unique<FakeDrive>();
    FakeDrive &drive = *made;
    Storage storage{{.directory = dir.path}, one_of(std::move(made))};
};

} // namespace

TEST_F(StorageDrives, OneImageTakesThePlaceOfAnother)
{
    ASSERT_TRUE(mount("a.img"));
    ASSERT_TRUE(mount("b.img"));
    EXPECT_EQ(in_drive(), "b.img");
}

TEST_F(StorageDrives, WhatWasInTheDriveComesBackWhenTheNextIsRefused)
{
    ASSERT_TRUE(mount("a.img", true));
    drive.refused = "b.img";
    const auto refused = mount("b.img");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message, "refused; what was in the drive is back");
    EXPECT_EQ(in_drive(), "a.img");
    EXPECT_TRUE(storage.slots().at(0).read_only) << "and as it was";
}

TEST_F(StorageDrives, WhatTheComputerCannotBeToldOfStaysInAndTheErrorSaysSo)
{
    ASSERT_TRUE(mount("a.img"));
    drive.unheard = "b.img";
    const auto unheard = mount("b.img");
    ASSERT_FALSE(unheard);
    EXPECT_EQ(unheard.error().message, "it is in the drive: cannot connect it anew");
    EXPECT_EQ(in_drive(), "b.img");
}

TEST_F(StorageDrives, CallsNothingLostThatIsBackThoughTheComputerCannotBeToldOfIt)
{
    ASSERT_TRUE(mount("a.img"));
    drive.refused = "b.img";
    drive.unheard = "a.img";
    const auto refused = mount("b.img");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message,
              "refused; what was in the drive is back: cannot connect it anew");
    EXPECT_EQ(in_drive(), "a.img");
}

TEST_F(StorageDrives, SaysSoWhenTheFormerOneIsLost)
{
    ASSERT_TRUE(mount("a.img"));
    drive.refused = ".img"; // from now on it takes none
    const auto refused = mount("b.img");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message, "refused; what was in the drive is out, too: refused");
    EXPECT_EQ(in_drive(), "");
}

TEST_F(StorageDrives, WhatTheComputerHoldsStaysWithoutForce)
{
    ASSERT_TRUE(mount("a.img"));
    drive.held = true;
    EXPECT_FALSE(mount("b.img", false, false));
    EXPECT_EQ(in_drive(), "a.img");
}
