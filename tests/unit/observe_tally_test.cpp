// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/observe/tally.h"
#include "tests/unit/loop.h"

#include <gtest/gtest.h>

using namespace panto;

namespace
{

using Said = std::vector<std::pair<std::string, size_t>>;

class TallyTest : public testing::Test
{
protected:
    Said said;
    std::unique_ptr<observe::Tally> tally = std::make_unique<observe::Tally>(
        [this](const std::string &why, size_t more) { said.emplace_back(why, more); });
};

} // namespace

TEST_F(TallyTest, SaysTheFirstOfEachReasonAtOnce)
{
    tally->add("no mask");
    tally->add("too long");
    EXPECT_EQ(said, (Said{{"no mask", 0}, {"too long", 0}}));
}

TEST_F(TallyTest, SaysHowManyFollowedWhenTheSecondIsOver)
{
    for (int i = 0; i < 5; ++i)
        tally->add("no mask");
    tally->add("too long");
    EXPECT_EQ(said.size(), 2u);
    Loop::fire_timers();
    EXPECT_EQ(said, (Said{{"no mask", 0}, {"too long", 0}, {"no mask", 4}}));
}

TEST_F(TallyTest, SaysOnlyNumbersOfWhatGoesOnSecondAfterSecond)
{
    for (int second = 0; second < 3; ++second) {
        for (int i = 0; i < 10; ++i)
            tally->add("no mask");
        Loop::fire_timers();
    }
    EXPECT_EQ(said, (Said{{"no mask", 0}, {"no mask", 9}, {"no mask", 10}, {"no mask", 10}}));
}

TEST_F(TallyTest, SaysAReasonAtOnceAgainAfterAQuietSecond)
{
    tally->add("no mask");
    Loop::fire_timers();
    tally->add("no mask");
    EXPECT_EQ(said, (Said{{"no mask", 0}, {"no mask", 0}}));
}

TEST_F(TallyTest, SaysTheRestWhenItEnds)
{
    tally->add("no mask");
    tally->add("no mask");
    tally.reset();
    EXPECT_EQ(said, (Said{{"no mask", 0}, {"no mask", 1}}));
}

TEST_F(TallyTest, CountsTogetherWhatHasTooManyReasons)
{
    for (int i = 0; i < 100; ++i)
        tally->add("at byte " + std::to_string(i));
    tally.reset();
    ASSERT_EQ(said.size(), 9u);
    EXPECT_EQ(said.back(), (Said::value_type{"other reasons", 92}));
}
