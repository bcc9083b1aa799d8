// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/edid/way.h"

#include "tests/unit/loop.h"

#include <cerrno>
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
