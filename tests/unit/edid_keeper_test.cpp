// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/edid/keeper.h"

#include "tests/unit/loop.h"
#include "tests/unit/temp_dir.h"

#include <cerrno>
#include <gtest/gtest.h>
#include <vector>

using namespace panto;
using namespace panto::edid;

namespace
{

class KeeperTest : public testing::Test
{
protected:
    KeeperTest()
    {
        keeper->on_problem = [this](const Error &e) { told.push_back(e.message); };
    }
    void start()
    {
        keeper->start();
        answer(ok);
        ASSERT_EQ(asked, 1);
    }
    /// The kernel makes a node.
    void comes(const std::string &name)
    {
        nodes.write(name, "");
        Loop::run();
    }
    /// Ends what is under way.
    void answer(const Result<> &result)
    {
        ASSERT_TRUE(done);
        std::exchange(done, {})(result);
    }

    TempDir nodes;
    int asked = 0;
    Done<> done;
    std::vector<std::string> told;
    std::unique_ptr<Keeper> keeper = std::make_unique<Keeper>(nodes.path, [this](Done<> d) {
        ++asked;
        done = std::move(d);
    });
};

const Error kBusy{Kind::Busy, "somebody watches", EBUSY};
const Error kAnother{Kind::Unavailable, "it shows another", EAGAIN};
const Error kNotYet{Kind::Unavailable, "cannot open it", ENOENT};

} // namespace

TEST_F(KeeperTest, RestoresWhenItStartsAndWheneverACaptureDeviceComes)
{
    start();
    comes("video0");
    EXPECT_EQ(asked, 2);
    answer(ok);
    std::filesystem::remove(nodes.path + "/video0");
    Loop::run();
    EXPECT_EQ(asked, 2) << "nothing can be done while it is gone";
    comes("video0");
    EXPECT_EQ(asked, 3);
}

TEST_F(KeeperTest, LeavesOtherDevicesAlone)
{
    start();
    comes("hidg0");
    comes("snd");
    EXPECT_EQ(asked, 1);
}

TEST_F(KeeperTest, DoesOneAfterTheOther)
{
    start();
    comes("video0");
    comes("video1");
    EXPECT_EQ(asked, 2);
    answer(ok);
    EXPECT_EQ(asked, 3) << "what came meanwhile";
}

TEST_F(KeeperTest, WritesItAFewTimesWhenTheDeviceShowsAnother)
{
    start();
    comes("video0");
    int writes = 1;
    for (answer(kAnother); writes < 1000; ++writes) {
        Loop::fire_timers();
        if (!done)
            break;
        answer(kAnother);
    }
    EXPECT_EQ(writes, 3) << "each makes the computer look for its monitor anew";
    EXPECT_EQ(told, std::vector<std::string>{"it shows another"});
}

TEST_F(KeeperTest, TriesAgainWhileItIsBusyAndSaysSoOnce)
{
    start();
    comes("video0");
    for (int i = 0; i < 100; ++i) {
        answer(kBusy);
        Loop::fire_timers();
        ASSERT_EQ(asked, 3 + i);
    }
    answer(ok);
    Loop::fire_timers();
    EXPECT_EQ(asked, 102);
    EXPECT_EQ(told, std::vector<std::string>{"somebody watches"});
}

TEST_F(KeeperTest, GivesADeviceTimeToBecomeUsableButNotForEver)
{
    start();
    comes("video0");
    int tries = 0;
    for (answer(kNotYet); tries < 1000; ++tries) {
        Loop::fire_timers();
        if (!done)
            break;
        answer(kNotYet);
    }
    EXPECT_EQ(tries, 30);
    comes("video0-again");
    EXPECT_TRUE(done) << "until the next one comes";
}

TEST_F(KeeperTest, DoesNotTryAgainWhatCannotWork)
{
    start();
    comes("video0");
    answer(Error{Kind::Unavailable, "this capture device has no EDID of its own", ENOTTY});
    Loop::fire_timers();
    EXPECT_EQ(asked, 2);
    EXPECT_EQ(told.size(), 1u);
}

TEST_F(KeeperTest, MayGoWhileItIsUnderWay)
{
    start();
    comes("video0");
    keeper.reset();
    answer(kBusy);
    EXPECT_TRUE(told.empty());
}

TEST_F(KeeperTest, SaysWhenItCannotWatch)
{
    keeper = std::make_unique<Keeper>(nodes.path + "/none", [](const Done<> &) {});
    keeper->on_problem = [this](const Error &e) { told.push_back(e.message); };
    keeper->start();
    ASSERT_EQ(told.size(), 1u);
    EXPECT_TRUE(told[0].starts_with("cannot watch " + nodes.path + "/none: No such file"));
}
