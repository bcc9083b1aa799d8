// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/glib/ask_disk.h"
#include "tests/fakes/loop.h"
#include "tests/unit/loop.h"

#include <future>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace panto;
using namespace std::chrono_literals;

namespace
{

constexpr Lane kLanes[] = {Lane::Files, Lane::Network, Lane::Devices,
                           Lane::Media, Lane::Images,  Lane::Films};
constexpr unsigned kMoreThanThreads = 40;

class OffloadTest : public testing::Test
{
protected:
    ~OffloadTest() override
    {
        go_on();
        EXPECT_TRUE(offload_drain(30s));
        Loop::run(); // what was answered goes to a test that is still there
    }
    /// All threads of the lane wait, and more work than they could do.
    void stick(Lane lane)
    {
        for (unsigned i = 0; i < kMoreThanThreads; ++i)
            offload(lane, [until = go] { until.wait(); });
    }
    void go_on()
    {
        if (!std::exchange(released, true))
            stuck.set_value();
    }

    void ask(std::function<uint64_t()> progress = nullptr)
    {
        ask_disk(
            Lane::Images, [until = go]() -> Result<int> { return until.wait(), 7; },
            [this](Result<int> r) { answers.push_back(std::move(r)); }, std::move(progress));
    }

    std::vector<Result<int>> answers;
    std::promise<void> stuck;
    std::shared_future<void> go = stuck.get_future().share();
    bool released = false;
};

} // namespace

TEST_F(OffloadTest, AnswersOnTheMainLoop)
{
    const auto main = std::this_thread::get_id();
    std::thread::id worked, answered;
    offload([] { return std::this_thread::get_id(); },
            [&](std::thread::id id) {
                worked = id;
                answered = std::this_thread::get_id();
            });
    EXPECT_TRUE(run_until([&] { return answered != std::thread::id{}; }));
    EXPECT_EQ(answered, main);
    EXPECT_NE(worked, main);
}

TEST_F(OffloadTest, DelaysNoOtherLaneWhenOneIsStuck)
{
    std::vector<Lane> free{std::begin(kLanes), std::end(kLanes)};
    while (free.size() > 1) {
        stick(free.back());
        free.pop_back();
        for (const Lane lane : free) {
            bool done = false;
            offload(
                lane, [] { return 0; }, [&](int) { done = true; });
            EXPECT_TRUE(run_until([&] { return done; })) << int(lane);
        }
    }
}

TEST_F(OffloadTest, WaitsForNothingThatRunsBehindAllElse)
{
    std::promise<int> nice;
    offload_behind([&, until = go] {
        until.wait();
        nice.set_value(getpriority(PRIO_PROCESS, id_t(gettid())));
    });
    EXPECT_FALSE(offload_drain(30s)) << "nothing was waited for, but it still runs";
    go_on();
    EXPECT_EQ(nice.get_future().get(), std::min(19, getpriority(PRIO_PROCESS, 0) + 10));
    const Source looks = every(1ms, [] {});
    EXPECT_TRUE(run_until([] { return offload_drain(30s); }));
}

TEST_F(OffloadTest, IsDrainedWhenEveryLaneIs)
{
    for (const Lane lane : kLanes)
        offload(lane, [] {});
    EXPECT_TRUE(offload_drain(30s));
    offload(Lane::Media, [until = go] { until.wait(); });
    EXPECT_FALSE(offload_drain(1ms));
    go_on();
    EXPECT_TRUE(offload_drain(30s));
}

TEST_F(OffloadTest, SendsAwayWhoAsksADiskThatTooManyWaitFor)
{
    unsigned asked = 0;
    while (answers.empty() && asked < 2 * kMostAtDisk) {
        ask();
        ++asked;
    }
    ASSERT_EQ(answers.size(), 1u) << "the last one, at once";
    EXPECT_EQ(answers[0].error().kind, Kind::Unavailable);
    EXPECT_GT(asked, kMostAtDisk) << "nobody before";
    go_on();
    EXPECT_TRUE(run_until([&] { return answers.size() > kMostAtDisk; }));
    EXPECT_EQ(*answers.back(), 7);
}

TEST_F(OffloadTest, SaysThatADiskIsSilentAndDropsWhatItAnswersThen)
{
    ask();
    Loop::run();
    EXPECT_TRUE(answers.empty());
    Loop::fire_timers();
    ASSERT_EQ(answers.size(), 1u);
    EXPECT_EQ(answers[0].error().kind, Kind::Unavailable);
    go_on();
    EXPECT_TRUE(offload_drain(30s));
    Loop::run();
    Loop::fire_timers();
    EXPECT_EQ(answers.size(), 1u);
}

TEST_F(OffloadTest, WaitsForADiskAsLongAsItGetsOn)
{
    uint64_t read = 0;
    ask([&] { return read; });
    for (read = 1; read < 5; ++read)
        Loop::fire_timers();
    EXPECT_TRUE(answers.empty());
    Loop::fire_timers();
    EXPECT_TRUE(answers.empty()) << "it got on since the last look";
    Loop::fire_timers();
    EXPECT_EQ(answers.size(), 1u);
}
