// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/media/demand.h"
#include "tests/unit/loop.h"

#include <gtest/gtest.h>
#include <string>

using namespace panto::media;
using namespace std::chrono_literals;

namespace
{

class DemandTest : public testing::Test
{
protected:
    std::string done;
    std::unique_ptr<Demand> demand = std::make_unique<Demand>(
        3s, [this] { done += "start "; }, [this] { done += "stop "; });
};

} // namespace

TEST_F(DemandTest, StartsWithTheFirstUserOnly)
{
    EXPECT_EQ(done, "");
    auto a = demand->use();
    auto b = demand->use();
    EXPECT_EQ(done, "start ");
    EXPECT_TRUE(demand->wanted());
}

TEST_F(DemandTest, LingersAfterTheLastUser)
{
    auto a = demand->use();
    auto b = demand->use();
    a.reset();
    Loop::fire_timers();
    EXPECT_EQ(done, "start ");
    b.reset();
    EXPECT_EQ(done, "start ");
    EXPECT_FALSE(demand->wanted());
    Loop::fire_timers();
    EXPECT_EQ(done, "start stop ");
}

TEST_F(DemandTest, GoesOnForAUserWhoComesWhileItLingers)
{
    demand->use().reset();
    auto b = demand->use();
    Loop::fire_timers();
    EXPECT_EQ(done, "start ");
    b.reset();
    Loop::fire_timers();
    EXPECT_EQ(done, "start stop ");
}

TEST_F(DemandTest, StartsAnewAfterItStopped)
{
    demand->use().reset();
    Loop::fire_timers();
    auto again = demand->use();
    EXPECT_EQ(done, "start stop start ");
}

TEST_F(DemandTest, MayEndBeforeItsUsers)
{
    auto use = demand->use();
    demand.reset();
    use.reset();
    Loop::fire_timers();
    EXPECT_EQ(done, "start ");
}

TEST_F(DemandTest, MayEndWhileItLingers)
{
    demand->use().reset();
    demand.reset();
    Loop::fire_timers();
    EXPECT_EQ(done, "start ");
}
