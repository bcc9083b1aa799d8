// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/http/crowd.h"
#include "tests/unit/loop.h"

#include <gtest/gtest.h>

using namespace panto;
using namespace panto::http;

namespace
{

using namespace std::chrono_literals;

constexpr size_t kShare = 2, kPlaces = 3;

class CrowdTest : public testing::Test
{
protected:
    /// A connection that keeps its place until it is told to go.
    std::unique_ptr<Guest> come(const std::string &address, const std::string &name = "")
    {
        return crowd.admit(address, [this, name](const char *why) {
            gone.push_back(name);
            reason = why;
        });
    }

    void pass(std::chrono::seconds time)
    {
        now += time;
        Loop::fire_timers();
    }

    Time now{};
    Crowd crowd{kShare, kPlaces, [this] { return now; }};
    std::vector<std::string> gone;
    std::string reason;
};

using Names = std::vector<std::string>;

} // namespace

TEST_F(CrowdTest, SendsWhoWaitedLongestAwayWhenEveryPlaceIsTaken)
{
    auto served = come("a", "served"), first = come("b", "first"), second = come("c", "second");
    served->served();
    EXPECT_TRUE(come("d"));
    EXPECT_EQ(gone, Names{"first"});
}

TEST_F(CrowdTest, RefusesWhoComesWhenEveryoneIsServed)
{
    auto a = come("a"), b = come("b"), c = come("c");
    for (auto *guest : {&a, &b, &c})
        (*guest)->served();
    EXPECT_FALSE(come("d"));
    EXPECT_EQ(gone, Names{});
}

TEST_F(CrowdTest, SendsWhoMayLeaveAwayWhenNobodyIsWaitedFor)
{
    auto served = come("a", "served"), may = come("b", "may"), late = come("c", "late");
    served->served();
    may->served();
    may->may_leave();
    auto fourth = come("d", "fourth");
    EXPECT_EQ(gone, Names{"late"});
    fourth->served();
    EXPECT_TRUE(come("e"));
    EXPECT_EQ(gone, (Names{"late", "may"}));
}

TEST_F(CrowdTest, LetsWhoMightHaveLeftStayWithItsNextRequest)
{
    auto one = come("a", "one"), two = come("a", "two");
    two->served();
    one->served();
    one->may_leave();
    one->awaits_head();
    one->served();
    EXPECT_FALSE(come("a"));
    EXPECT_EQ(gone, Names{});
}

TEST_F(CrowdTest, LetsNobodyHaveMoreThanTheirShare)
{
    auto one = come("a"), two = come("a");
    one->served();
    two->served();
    EXPECT_FALSE(come("a"));
    EXPECT_TRUE(come("b"));
}

TEST_F(CrowdTest, SendsOnlyTheirOwnAwayWhenAShareIsUsedUp)
{
    auto other = come("b", "b"), one = come("a", "one"), two = come("a", "two");
    EXPECT_TRUE(come("a"));
    EXPECT_EQ(gone, Names{"one"});
}

TEST_F(CrowdTest, GivesAPlaceBackWhenAConnectionEnds)
{
    auto one = come("a"), two = come("a");
    one->served();
    two->served();
    two.reset();
    EXPECT_EQ(crowd.size(), 1u);
    EXPECT_TRUE(come("a"));
}

TEST_F(CrowdTest, GivesThePlaceOfOneSentAwayBackOnlyOnce)
{
    auto one = come("a"), two = come("a"), three = come("a");
    one.reset();
    EXPECT_EQ(crowd.size(), 2u);
}

TEST_F(CrowdTest, MayEndBeforeItsGuests)
{
    auto other = std::make_unique<Crowd>(1);
    auto guest = other->admit("a", [this](const char *why) { reason = why; });
    other.reset();
    guest->awaits_head();
    pass(30s);
    EXPECT_EQ(reason, "") << "nobody is there who waits";
}

TEST_F(CrowdTest, SendsAwayWhoSendsNoHeadInTime)
{
    auto guest = come("a");
    pass(14s);
    EXPECT_EQ(reason, "");
    pass(1s);
    EXPECT_EQ(reason, "no whole request head within 15 s");
    EXPECT_EQ(crowd.size(), 0u);
}

TEST_F(CrowdTest, WaitsForEachWhoComesByTheirOwnTime)
{
    auto first = come("a", "first");
    pass(10s);
    auto second = come("b", "second");
    pass(5s);
    EXPECT_EQ(gone, Names{"first"});
    pass(9s);
    EXPECT_EQ(gone, Names{"first"});
    pass(1s);
    EXPECT_EQ(gone, (Names{"first", "second"}));
}

TEST_F(CrowdTest, SendsAwayWhoSendsNoWholeBodyInTimeHoweverMuchComes)
{
    auto guest = come("a");
    guest->awaits_body();
    pass(29s);
    guest->moved(1 << 20);
    EXPECT_EQ(reason, "");
    pass(1s);
    EXPECT_EQ(reason, "no whole request body within 30 s");
}

TEST_F(CrowdTest, WaitsForAnUploadAsLongAsItMoves)
{
    auto guest = come("a");
    guest->awaits_body();
    guest->awaits_upload();
    for (int i = 0; i < 100; ++i) {
        guest->moved(16 * 1024);
        Loop::fire_timers();
    }
    EXPECT_EQ(reason, "");
    guest->moved(16 * 1024 - 1);
    Loop::fire_timers();
    EXPECT_EQ(reason, "less than 16 KiB of the body within 15 s");
}

TEST_F(CrowdTest, BlamesNobodyForAnUploadThatWeHoldUp)
{
    auto guest = come("a");
    guest->awaits_upload();
    guest->hold();
    Loop::fire_timers();
    EXPECT_EQ(reason, "");
    guest->go_on();
    Loop::fire_timers();
    EXPECT_NE(reason, "");
}

TEST_F(CrowdTest, SendsNobodyAwayWhoIsBeingServed)
{
    auto guest = come("a");
    guest->awaits_upload();
    guest->served();
    guest->go_on(); // what the sink took last
    pass(60s);
    EXPECT_EQ(reason, "");
}

TEST_F(CrowdTest, WaitsForANextRequestNoLongerThanForTheFirst)
{
    auto guest = come("a");
    pass(14s);
    guest->served();
    guest->awaits_head();
    pass(14s);
    EXPECT_EQ(reason, "");
    pass(1s);
    EXPECT_NE(reason, "");
}

TEST_F(CrowdTest, WaitsForNoRequestOnceAConnectionIsAStream)
{
    auto guest = come("a");
    guest->stays();
    guest->awaits_head();
    pass(60s);
    EXPECT_EQ(reason, "");
}
