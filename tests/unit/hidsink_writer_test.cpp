// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/hidsink/writer.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

using namespace panto;
using namespace std::chrono_literals;
using Link = ReportWriter::Link;

namespace
{

constexpr auto kLimit = 10s; // of every wait in here
constexpr auto kNever = 1h;  // a look could find the host asleep before it has refused anything

/// The host's side of a made-up gadget node, and the faults it can have.
class Host
{
public:
    std::mutex mutex;
    std::condition_variable changed;
    bool present = true;    // the node can be opened
    bool configured = true; // else writes are ESHUTDOWN
    bool polling = true;    // else writes are EAGAIN
    int refused = 0;
    std::deque<std::vector<uint8_t>> got;
    std::vector<std::pair<Link, uint64_t>> links;
    std::vector<int> leds;
    Fd node, peer; // what poll() sees: no POLLOUT while node is filled up

    template <class F>
    void with(F f)
    {
        std::lock_guard lock{mutex};
        f();
        changed.notify_all();
    }
    template <class F>
    bool wait(F condition)
    {
        std::unique_lock lock{mutex};
        return changed.wait_for(lock, kLimit, condition);
    }
    void doze()
    {
        with([&] {
            polling = false;
            const std::vector<uint8_t> filler(4096);
            while (::write(node.get(), filler.data(), filler.size()) > 0)
                ;
        });
    }
    void wake()
    {
        with([&] {
            polling = true;
            std::vector<uint8_t> filler(4096);
            while (::read(peer.get(), filler.data(), filler.size()) > 0)
                ;
        });
    }
    /// The next report, empty if none comes.
    std::vector<uint8_t> read()
    {
        std::vector<uint8_t> out;
        if (!wait([&] { return !got.empty(); }))
            return out;
        with([&] {
            out = std::move(got.front());
            got.pop_front();
        });
        return out;
    }
    void send_leds(uint8_t byte) { EXPECT_EQ(::write(peer.get(), &byte, 1), 1); }
};

class FakeNode : public Target
{
public:
    explicit FakeNode(Host &host) : host_{host} {}
    bool accepts(size_t) const override { return true; }
    Result<> open() override
    {
        std::lock_guard lock{host_.mutex};
        if (!host_.present)
            return Error{Kind::Unavailable, "no node"};
        int fds[2];
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
        host_.node = Fd{fds[0]};
        host_.peer = Fd{fds[1]};
        fd_ = fds[0];
        return ok;
    }
    Outcome write(std::span<const uint8_t> bytes) override
    {
        Outcome outcome = Outcome::Taken;
        host_.with([&] {
            if (!host_.configured)
                outcome = Outcome::Offline;
            else if (!host_.polling)
                outcome = Outcome::Full;
            else
                host_.got.emplace_back(bytes.begin(), bytes.end());
            host_.refused += outcome == Outcome::Full;
        });
        return outcome;
    }
    Outcome probe() override
    {
        std::lock_guard lock{host_.mutex};
        return !host_.configured ? Outcome::Offline
               : host_.polling   ? Outcome::Taken
                                 : Outcome::Full;
    }
    std::optional<uint8_t> read_leds(bool &broken) override
    {
        uint8_t byte = 0;
        const ssize_t n = ::read(fd_, &byte, 1);
        broken |= n == 0;
        return n == 1 ? std::optional{byte} : std::nullopt;
    }
    int fd() const override { return fd_; }

private:
    Host &host_;
    int fd_ = -1;
};

const std::vector<uint8_t> kA{0, 0, 4, 0, 0, 0, 0, 0};
const std::vector<uint8_t> kUp(8);

class Writing : public testing::Test
{
protected:
    void start(std::chrono::milliseconds write_timeout = 10s,
               std::chrono::milliseconds check = kNever)
    {
        auto node = std::make_unique<FakeNode>(host);
        const bool open = bool(node->open());
        writer = std::make_unique<ReportWriter>(
            std::move(node), open,
            ReportWriter::Options{write_timeout, 1ms, check,
                                  [this] { return steady_now() + paused.load(); }},
            counts,
            ReportWriter::Events{
                [this](Link l, uint64_t n) { host.with([&] {
                                                 host.links.push_back({l, n});
                                             }); },
                [this](uint8_t l) { host.with([&] { host.leds.push_back(l); }); }});
    }
    void push(const std::vector<uint8_t> &bytes) { ASSERT_TRUE(writer->push(Report{bytes})); }
    bool wait_for(Link link)
    {
        return host.wait([&] { return !host.links.empty() && host.links.back().first == link; });
    }
    void put_to_sleep()
    {
        host.doze();
        push(kA);
        ASSERT_TRUE(wait_for(Link::Asleep));
    }

    Host host;
    std::atomic<Time::duration> paused{0s}; // so long did this process not run
    ReportWriter::Counts counts;
    std::unique_ptr<ReportWriter> writer;
};

} // namespace

TEST_F(Writing, DeliversReportsInTheirOrder)
{
    start();
    for (uint8_t i = 0; i < 200; ++i)
        push({0, 0, i, 0, 0, 0, 0, 0});
    for (uint8_t i = 0; i < 200; ++i)
        ASSERT_EQ(host.read().at(2), i);
    EXPECT_TRUE(writer->drain());
    EXPECT_EQ(counts.sent, 200u);
    EXPECT_EQ(counts.dropped, 0u);
    EXPECT_TRUE(host.links.empty()) << "nothing has changed";
}

TEST_F(Writing, DrainWaitsUntilAllIsDelivered)
{
    start();
    for (int i = 0; i < 30; ++i)
        push(kA);
    EXPECT_TRUE(writer->drain());
    EXPECT_EQ(counts.sent, 30u);
}

TEST_F(Writing, GivesUpOnAHostThatTakesNothingAndSaysSoOnce)
{
    start(1ms);
    put_to_sleep();
    EXPECT_EQ(counts.dropped, 1u);
    push(kA);
    push(kUp);
    EXPECT_TRUE(writer->drain());
    EXPECT_EQ(counts.dropped, 3u);
    EXPECT_EQ(host.links, (std::vector<std::pair<Link, uint64_t>>{{Link::Asleep, 1}}));
}

TEST_F(Writing, AHostThatWakesUpFirstHearsThatAllIsUp)
{
    start(1ms);
    put_to_sleep();
    host.wake();
    EXPECT_EQ(host.read(), kUp);
    ASSERT_TRUE(wait_for(Link::Online));
    push({0, 0, 5, 0, 0, 0, 0, 0});
    EXPECT_EQ(host.read().at(2), 5);
}

TEST_F(Writing, AHostThatDozesBrieflyMissesNothing)
{
    start();
    host.doze();
    push(kA);
    push(kUp);
    ASSERT_TRUE(host.wait([&] { return host.refused > 0; }));
    host.wake();
    EXPECT_EQ(host.read(), kA);
    EXPECT_EQ(host.read(), kUp);
    EXPECT_TRUE(host.links.empty());
}

TEST_F(Writing, AHostMissesNothingWhenThisProcessWasStopped)
{
    start();
    host.doze();
    push(kA);
    ASSERT_TRUE(host.wait([&] { return host.refused > 0; }));
    paused = 1h;
    push(kUp);
    ASSERT_TRUE(host.wait([&] { return host.refused > 1; })) << "it looks again";
    host.wake();
    EXPECT_EQ(host.read(), kA);
    EXPECT_EQ(host.read(), kUp);
    host.with([&] { EXPECT_TRUE(host.links.empty()); });
    EXPECT_EQ(counts.dropped, 0u);
}

TEST_F(Writing, OnlyTheNewestPositionReachesAHostThatDozed)
{
    start();
    push({0, 1, 0, 1, 0, 0});
    host.read();
    host.doze();
    for (uint8_t i = 2; i < 200; ++i)
        push({0, i, 0, i, 0, 0});
    host.wake();
    EXPECT_EQ(host.read(), (std::vector<uint8_t>{0, 199, 0, 199, 0, 0}));
}

TEST_F(Writing, DropsAndCountsWhileThereIsNoHost)
{
    start();
    host.with([&] { host.configured = false; });
    push(kA);
    ASSERT_TRUE(wait_for(Link::Offline));
    EXPECT_EQ(counts.dropped, 1u);
    push(kUp);
    EXPECT_EQ(counts.dropped, 2u);
    EXPECT_EQ(host.links, (std::vector<std::pair<Link, uint64_t>>{{Link::Offline, 1}}));
}

TEST_F(Writing, AHostThatComesBackFirstHearsThatAllIsUp)
{
    start();
    host.with([&] { host.configured = false; });
    push({1, 5, 5, 0});
    push({1, 0x34, 0x12, 0x78, 0x56, 0});
    push(kA);
    ASSERT_TRUE(wait_for(Link::Offline));
    writer->drain();
    host.with([&] { host.configured = true; });
    ASSERT_TRUE(wait_for(Link::Online));
    EXPECT_EQ(host.read(), (std::vector<uint8_t>(4)));
    EXPECT_EQ(host.read(), (std::vector<uint8_t>{0, 0x34, 0x12, 0x78, 0x56, 0}));
    EXPECT_EQ(host.read(), kUp);
    push(kA);
    EXPECT_EQ(host.read(), kA);
}

TEST_F(Writing, SurvivesANodeThatGoesAwayAndReturns)
{
    start();
    push(kA);
    EXPECT_EQ(host.read(), kA);
    host.with([&] {
        host.present = false;
        host.peer = {}; // a hang-up
    });
    ASSERT_TRUE(wait_for(Link::Gone));
    push(kUp);
    EXPECT_EQ(counts.dropped, 1u);
    host.with([&] { host.present = true; });
    ASSERT_TRUE(wait_for(Link::Online));
    EXPECT_EQ(host.read(), kUp);
}

TEST_F(Writing, BeginsWithoutANodeWhenToldTo)
{
    host.present = false;
    start();
    ASSERT_TRUE(wait_for(Link::Gone));
    host.with([&] { host.present = true; });
    ASSERT_TRUE(wait_for(Link::Online));
    push(kA);
    EXPECT_EQ(host.read(), kA) << "nothing was held, so nothing is to be let go";
}

TEST_F(Writing, TellsTheSameLedsAgainOfAHostThatWasAway)
{
    start();
    host.send_leds(2);
    ASSERT_TRUE(host.wait([&] { return host.leds.size() == 1; }));
    host.with([&] { host.configured = false; });
    push(kA);
    ASSERT_TRUE(wait_for(Link::Offline));
    host.with([&] { host.configured = true; });
    ASSERT_TRUE(wait_for(Link::Online));
    host.send_leds(2);
    ASSERT_TRUE(host.wait([&] { return host.leds.size() == 2; }));
    EXPECT_EQ(host.leds.back(), 2);
}

TEST_F(Writing, TellsOfLedsWhenTheyChange)
{
    start();
    for (const uint8_t leds : {2, 2, 3, 0}) {
        host.send_leds(leds);
        push(kUp); // and the host answers in between
        host.read();
    }
    ASSERT_TRUE(host.wait([&] { return !host.leds.empty() && host.leds.back() == 0; }));
    EXPECT_EQ(host.leds.front(), 2);
    EXPECT_LE(host.leds.size(), 3u);
}

TEST_F(Writing, LetsGoOfWhatIsHeldWhenItEnds)
{
    start();
    push(kA);
    push({1, 0, 0, 0});
    writer.reset();
    EXPECT_EQ(host.read(), kA);
    EXPECT_EQ(host.read(), (std::vector<uint8_t>{1, 0, 0, 0}));
    EXPECT_EQ(host.read(), (std::vector<uint8_t>(4)));
    EXPECT_EQ(host.read(), kUp);
}

TEST_F(Writing, SendsNothingMoreWhenNothingIsHeld)
{
    start();
    push(kA);
    push(kUp);
    writer.reset();
    EXPECT_EQ(host.read(), kA);
    EXPECT_EQ(host.read(), kUp);
    EXPECT_TRUE(host.got.empty());
}

TEST_F(Writing, EndsInTimeWhenTheHostTakesNothing)
{
    start(20ms);
    put_to_sleep();
    push(kA);
    const Time begin = steady_now();
    writer.reset();
    EXPECT_LT(steady_now() - begin, kLimit);
}

TEST_F(Writing, AFullQueueWaitsForRoom)
{
    start();
    host.doze();
    for (size_t i = 0; i < ReportQueue::kMost; ++i)
        push(kA);
    std::thread pusher{[&] { push(kUp); }};
    ASSERT_TRUE(host.wait([&] { return host.refused > 0; }));
    host.wake();
    pusher.join();
    for (size_t i = 0; i < ReportQueue::kMost; ++i)
        ASSERT_EQ(host.read(), kA);
    EXPECT_EQ(host.read(), kUp);
    EXPECT_EQ(counts.dropped, 0u);
}

TEST_F(Writing, TheWaitForRoomCanBeInterrupted)
{
    start();
    host.doze();
    for (size_t i = 0; i < ReportQueue::kMost; ++i)
        push(kA);
    bool pushed = true, drained = true;
    std::thread pusher{[&] {
        pushed = writer->push(Report{kUp});
        drained = writer->drain();
    }};
    writer->interrupt(true);
    pusher.join();
    EXPECT_FALSE(pushed);
    EXPECT_FALSE(drained);
    writer->interrupt(false);
    host.wake();
    EXPECT_TRUE(writer->drain());
    EXPECT_EQ(counts.sent, ReportQueue::kMost);
}

TEST_F(Writing, FlushDiscardsWhatWaitsAndLetsGoOfWhatIsHeld)
{
    start();
    push(kA);
    EXPECT_EQ(host.read(), kA);
    host.doze();
    push({0, 0, 5, 0, 0, 0, 0, 0});
    writer->flush();
    host.wake();
    EXPECT_EQ(host.read(), kUp);
    EXPECT_TRUE(writer->drain());
    EXPECT_TRUE(host.got.empty());
    EXPECT_EQ(counts.dropped, 0u) << "it was asked for";
}

TEST_F(Writing, NoticesWithinAMomentThatAnIdleHostWasUnplugged)
{
    start(10s, 1ms);
    host.with([&] { host.configured = false; });
    ASSERT_TRUE(host.wait([&] { return !host.links.empty(); }));
    host.with([&] { EXPECT_EQ(host.links.back().first, Link::Offline); });
    host.with([&] { host.configured = true; });
    ASSERT_TRUE(host.wait([&] { return host.links.back().first == Link::Online; }));
    host.with([&] { EXPECT_EQ(host.links.size(), 2u) << "told once each"; });
    EXPECT_EQ(counts.dropped, 0u);
}

TEST_F(Writing, NoticesThatAnIdleHostFellAsleepAndWoke)
{
    start(10s, 1ms);
    push(kA);
    EXPECT_EQ(host.read(), kA);
    host.doze();
    ASSERT_TRUE(host.wait([&] { return !host.links.empty(); }));
    host.with([&] { EXPECT_EQ(host.links.back().first, Link::Asleep); });
    host.wake();
    EXPECT_EQ(host.read(), kUp) << "whatever was held before";
    ASSERT_TRUE(host.wait([&] { return host.links.back().first == Link::Online; }));
}

TEST_F(Writing, CountsWhatWaits)
{
    start();
    host.doze();
    push(kA);
    push(kUp);
    EXPECT_EQ(counts.waiting, 2u);
    EXPECT_EQ(counts.received, 2u);
    host.wake();
    ASSERT_TRUE(writer->drain());
    EXPECT_EQ(counts.waiting, 0u);
}

TEST_F(Writing, CountsNothingAsWaitingThatNobodySent)
{
    start(10s, 1ms);
    push(kA);
    EXPECT_EQ(host.read(), kA);
    host.with([&] { host.configured = false; });
    ASSERT_TRUE(wait_for(Link::Offline));
    push(kUp);
    EXPECT_EQ(counts.waiting, 0u) << "an all-up of ours is still to come";
    EXPECT_EQ(counts.dropped, 1u);
    EXPECT_EQ(counts.received, 2u);
}
