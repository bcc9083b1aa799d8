// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/edid/way.h"

#include "tests/unit/loop.h"

#include <cerrno>
#include <deque>
#include <gtest/gtest.h>

using namespace panto;
using namespace panto::edid;

namespace
{

const Error kBusy{Kind::Busy, "somebody streams", EBUSY};
const Error kGone{Kind::Unavailable, "cannot open it", ENOENT};

class WayTest : public testing::Test
{
protected:
    void get()
    {
        way->get(
            [this](Done<> done) {
                ++tries;
                work = std::move(done);
            },
            [this](Result<> result) {
                ++ends;
                end = std::move(result);
            });
    }
    void have_a_capture()
    {
        way->make = [this] {
            ++made;
            const auto made_way = std::make_shared<int>();
            held = made_way;
            return made_way;
        };
    }
    /// Ends the try that is under way.
    void answer(const Result<> &result)
    {
        ASSERT_TRUE(work);
        std::exchange(work, {})(result);
    }
    bool capture_may_run() const { return held.expired(); }

    int tries = 0, made = 0, ends = 0;
    std::weak_ptr<void> held;
    Done<> work;
    Result<> end = Error{Kind::Internal, "it has not ended"};
    std::unique_ptr<Way> way = std::make_unique<Way>();
};

} // namespace

TEST_F(WayTest, NobodyHasToStopForADeviceThatIsFree)
{
    have_a_capture();
    get();
    answer(ok);
    EXPECT_TRUE(end);
    EXPECT_EQ(made, 0);
}

TEST_F(WayTest, OurOwnCaptureMakesWayUntilTheWorkIsDone)
{
    have_a_capture();
    get();
    answer(kBusy);
    EXPECT_EQ(made, 1);
    EXPECT_FALSE(capture_may_run());
    Loop::fire_timers();
    answer(kBusy); // going to NULL takes a moment
    EXPECT_FALSE(capture_may_run());
    Loop::fire_timers();
    answer(ok);
    EXPECT_TRUE(end);
    EXPECT_EQ(ends, 1);
    EXPECT_TRUE(capture_may_run());
    EXPECT_EQ(made, 1);
}

TEST_F(WayTest, OurCaptureIsNotKeptOffADeviceThatAnotherProgramHas)
{
    have_a_capture();
    get();
    for (answer(kBusy); ends == 0 && tries < 1000; answer(kBusy))
        Loop::fire_timers();
    EXPECT_EQ(tries, 31);
    EXPECT_EQ(end.error().message, "somebody streams");
    EXPECT_TRUE(capture_may_run());
}

TEST_F(WayTest, WhereWeHaveNoCaptureTheOtherIsToldAtOnce)
{
    way->make = [] { return Way::Held{}; };
    get();
    answer(kBusy);
    EXPECT_EQ(end.error().message, "somebody streams");
    EXPECT_EQ(tries, 1);
}

TEST_F(WayTest, OurCaptureGoesOnWhenTheDeviceIsGoneMeanwhile)
{
    have_a_capture();
    get();
    answer(kBusy);
    Loop::fire_timers();
    answer(kGone);
    EXPECT_TRUE(capture_may_run());
    EXPECT_EQ(end.error().code, ENOENT);
}

TEST_F(WayTest, DoesOneWorkAtATimeInTheOrderInWhichTheyCame)
{
    std::vector<std::string> seen;
    std::deque<Done<>> works;
    for (const char *name : {"first", "second", "third"})
        way->get(
            [&, name](Done<> done) {
                seen.push_back(std::string{name} + " begins");
                works.push_back(std::move(done));
            },
            [&, name](const Result<> &result) {
                seen.push_back(name + std::string{result ? " is done" : " failed"});
            });
    have_a_capture();
    EXPECT_EQ(seen, std::vector<std::string>{"first begins"});
    works[0](kBusy);
    Loop::fire_timers(); // tried again before anybody else's turn
    ASSERT_EQ(works.size(), 2u);
    works[1](kGone);
    ASSERT_EQ(works.size(), 3u);
    EXPECT_TRUE(capture_may_run());
    works[2](ok);
    ASSERT_EQ(works.size(), 4u);
    works[3](ok);
    EXPECT_EQ(seen, (std::vector<std::string>{"first begins", "first begins", "second begins",
                                              "first failed", "third begins", "second is done",
                                              "third is done"}));
}

TEST_F(WayTest, LetsEightWaitAndTellsANinthToComeAgain)
{
    for (int n = 0; n < 9; ++n)
        get();
    EXPECT_EQ(ends, 0);
    get();
    EXPECT_EQ(ends, 1);
    EXPECT_EQ(end.error().kind, Kind::Busy);
    answer(ok);
    get();
    EXPECT_EQ(ends, 2) << "only the one that was done";
    EXPECT_TRUE(end);
}

TEST_F(WayTest, MayGoWhileTheWorkIsUnderWay)
{
    have_a_capture();
    get();
    answer(kBusy);
    way.reset();
    Loop::fire_timers();
    EXPECT_EQ(tries, 1);
    EXPECT_TRUE(capture_may_run());
    EXPECT_EQ(ends, 0);
}
