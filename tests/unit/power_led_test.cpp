// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/power/led.h"
#include "lib/base/fd.h"
#include "lib/glib/offload.h"
#include "tests/unit/loop.h"

#include <atomic>
#include <cerrno>
#include <gtest/gtest.h>
#include <mutex>
#include <optional>
#include <set>
#include <sys/eventfd.h>
#include <thread>

using namespace panto;
using namespace panto::power;
using namespace std::chrono_literals;

namespace
{

/// A line of a chip, as the test and the worker threads see it.
struct Chip {
    std::mutex bus; ///< held: a reading hangs
    bool tells_edges = true;
    std::optional<Error> gone;
    std::atomic<bool> lit = false;
    std::atomic<int> readings = 0, users = 0, most_users = 0;
    Fd edges{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    std::set<std::thread::id> threads;

    void edge() { ASSERT_EQ(::eventfd_write(edges.get(), 1), 0); }
};

class FakeLine : public gpio::Line
{
public:
    FakeLine(Chip &chip, gpio::Use use) : chip_{chip}, use_{use} {}
    Result<bool> read() override
    {
        chip_.most_users = std::max<int>(chip_.most_users, ++chip_.users);
        const std::lock_guard hangs{chip_.bus};
        --chip_.users;
        ++chip_.readings;
        chip_.threads.insert(std::this_thread::get_id());
        if (chip_.gone)
            return *chip_.gone;
        return bool{chip_.lit};
    }
    Result<> write(bool) override { return Error{Kind::Internal, "it is an input"}; }
    int fd() const override { return use_ == gpio::Use::Edges ? chip_.edges.get() : -1; }
    void take_edges() override
    {
        eventfd_t count;
        EXPECT_EQ(::eventfd_read(chip_.edges.get(), &count), 0) << "the real one would wait";
    }

private:
    Chip &chip_;
    gpio::Use use_;
};

class LedTest : public testing::Test
{
protected:
    ~LedTest() override
    {
        led.reset();
        settle();
    }
    void begin()
    {
        led = std::make_unique<Led>("panel.yaml:4: power.power_led",
                                    [this](gpio::Use use) { return connect(use); });
        led->on_change = [this] { ++told; };
    }
    Result<std::unique_ptr<gpio::Line>> connect(gpio::Use use)
    {
        if (chip.gone)
            return *chip.gone;
        if (use == gpio::Use::Edges && !chip.tells_edges)
            return Error{Kind::Unavailable, "no interrupt", ENXIO};
        return std::unique_ptr<gpio::Line>{std::make_unique<FakeLine>(chip, use)};
    }
    /// Until the worker threads are done and what they said is heard.
    static void settle()
    {
        ASSERT_TRUE(offload_drain(30s));
        Loop::run();
    }
    /// The next look, or what follows on the last one.
    static void wait()
    {
        Loop::fire_timers();
        settle();
    }
    std::string why() const { return led->lit() ? "" : led->lit().error().message; }

    Chip chip;
    int told = 0;
    std::unique_ptr<Led> led;
};

const Error kGone{Kind::NotFound, "no GPIO chip is called front-panel", ENODEV};

} // namespace

TEST_F(LedTest, IsNotKnownBeforeItWasRead)
{
    begin();
    EXPECT_EQ(why(), "panel.yaml:4: power.power_led: it has not been read yet");
    chip.lit = true;
    settle();
    EXPECT_EQ(why(), "");
    EXPECT_TRUE(*led->lit());
    EXPECT_EQ(told, 1);
}

TEST_F(LedTest, IsReadAtEachEdge)
{
    begin();
    settle();
    wait(); // past the rest after a reading
    chip.lit = true;
    chip.edge();
    Loop::run();
    settle();
    EXPECT_TRUE(*led->lit());
    const int before = chip.readings;
    chip.lit = false;
    chip.edge(); // in the rest after the other
    Loop::run();
    settle();
    EXPECT_EQ(chip.readings, before);
    wait();
    Loop::run();
    settle();
    EXPECT_FALSE(*led->lit()) << "it is not lost";
}

TEST_F(LedTest, IsReadAgainAndAgainWhereTheChipTellsNoEdges)
{
    chip.tells_edges = false;
    begin();
    settle();
    EXPECT_FALSE(*led->lit());
    chip.lit = true;
    wait();
    EXPECT_TRUE(*led->lit());
    chip.lit = false;
    wait();
    EXPECT_FALSE(*led->lit());
}

TEST_F(LedTest, KeepsTheMainLoopFromAChipWhoseBusHangs)
{
    chip.tells_edges = false;
    begin();
    settle();
    {
        const std::lock_guard hangs{chip.bus};
        for (int n = 0; n < 5; ++n)
            Loop::fire_timers(); // this thread comes back from each
        EXPECT_EQ(why(), "panel.yaml:4: power.power_led: its chip does not answer: see whether its "
                         "bus hangs");
    }
    settle();
    EXPECT_EQ(why(), "");
    EXPECT_EQ(chip.most_users, 1) << "one use at a time";
    EXPECT_FALSE(chip.threads.contains(std::this_thread::get_id()));
}

TEST_F(LedTest, IsNotKnownOnceItsChipIsGoneAndKnownAgainWhenItIsBack)
{
    for (const bool edges : {true, false}) {
        chip.tells_edges = edges;
        begin();
        settle();
        wait();
        ASSERT_EQ(why(), "");
        chip.gone = kGone;
        told = 0;
        wait(); // no edge tells of it
        EXPECT_EQ(why(), "panel.yaml:4: power.power_led: no GPIO chip is called front-panel");
        EXPECT_GT(told, 0);
        chip.gone.reset();
        chip.lit = true;
        wait();
        EXPECT_EQ(why(), "");
        EXPECT_TRUE(*led->lit());
        chip.lit = false;
    }
}

TEST_F(LedTest, MayGoWhileItIsRead)
{
    begin();
    {
        const std::lock_guard hangs{chip.bus};
        led.reset();
        Loop::fire_timers();
    }
    settle();
    EXPECT_EQ(told, 0);
}
