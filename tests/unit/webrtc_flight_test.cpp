// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/webrtc/flight.h"

#include <gtest/gtest.h>

using namespace panto;
using namespace panto::webrtc;
using namespace std::chrono_literals;

namespace
{

/// Packets of 1000 bytes, one every 10 ms: 800 kbit/s.
class FlightTest : public testing::Test
{
protected:
    void send(unsigned packets)
    {
        for (; packets > 0; --packets) {
            now += 10ms;
            flight.sent(next++, 1000, now);
        }
    }
    /// The peer has got all but the last so many.
    std::optional<Sample> report(unsigned behind = 0, int32_t lost = 0)
    {
        return flight.reported(uint16_t(next - 1 - behind), lost, now);
    }

    Flight flight;
    Time now{};
    uint16_t next = 65500; // the numbers begin anew meanwhile
};

} // namespace

TEST_F(FlightTest, TellsNothingWhileNothingWasSent)
{
    EXPECT_FALSE(report());
}

TEST_F(FlightTest, TellsOfWhatWasSentBeforeTheFirstReport)
{
    send(101);
    const auto s = report(0, 25);
    ASSERT_TRUE(s);
    EXPECT_EQ(s->packets, 101u);
    EXPECT_EQ(s->first, Time{} + 10ms);
    EXPECT_EQ(s->sent_kbps, 808u);
    EXPECT_NEAR(s->arrived_kbps, 608, 1);
}

TEST_F(FlightTest, TellsWhatWasSentAndArrived)
{
    send(100);
    report();
    send(100);
    const auto s = report();
    ASSERT_TRUE(s);
    EXPECT_EQ(s->packets, 100u);
    EXPECT_EQ(s->lost, 0);
    EXPECT_EQ(s->sent_kbps, 800u);
    EXPECT_EQ(s->arrived_kbps, 800u);
    EXPECT_EQ(s->overdue, 0ms);
    EXPECT_EQ(s->first, Time{} + 1010ms);
}

TEST_F(FlightTest, CountsWhatWasLostSinceTheReportBefore)
{
    send(100);
    report(0, 7);
    send(100);
    const auto s = report(0, 32);
    ASSERT_TRUE(s);
    EXPECT_DOUBLE_EQ(s->lost, 0.25);
    EXPECT_EQ(s->arrived_kbps, 600u);
}

TEST_F(FlightTest, PacketsThatArriveAfterAllAreNotLostLessThanNone)
{
    send(100);
    report(0, 7);
    send(100);
    EXPECT_EQ(report(0, 3)->lost, 0);
}

TEST_F(FlightTest, KnowsAQueueByThePacketThatShouldHaveComeNext)
{
    send(100);
    report();
    send(100);
    const auto s = report(40);
    ASSERT_TRUE(s);
    EXPECT_EQ(s->packets, 60u);
    EXPECT_EQ(s->overdue, 390ms);
    EXPECT_EQ(s->sent_kbps, 800u);
    EXPECT_EQ(s->arrived_kbps, 480u);
}

TEST_F(FlightTest, TakesAFewPacketsMissingAtTheEndForNoQueue)
{
    send(100);
    report();
    send(97);
    now += 1s; // a screen that stands still
    EXPECT_EQ(report(3)->overdue, 0ms);
}

TEST_F(FlightTest, JoinsReportsThatComeOftenIntoOneSample)
{
    send(100);
    report();
    for (int i = 0; i < 4; ++i) {
        send(10);
        EXPECT_FALSE(report(0, i + 1));
    }
    send(10);
    const auto s = report(0, 5);
    ASSERT_TRUE(s);
    EXPECT_EQ(s->packets, 50u);
    EXPECT_DOUBLE_EQ(s->lost, 0.1);
}

TEST_F(FlightTest, TellsOfASecondInWhichNothingArrived)
{
    send(100);
    report();
    send(100);
    const auto s = report(100);
    ASSERT_TRUE(s);
    EXPECT_EQ(s->packets, 0u);
    EXPECT_EQ(s->arrived_kbps, 0u);
    EXPECT_EQ(s->overdue, 990ms);
}

TEST_F(FlightTest, PassesOverANumberThatWasNotSent)
{
    send(100);
    report();
    send(100);
    EXPECT_FALSE(flight.reported(uint16_t(next + 5), 0, now));
    EXPECT_FALSE(flight.reported(uint16_t(next - 5000), 0, now));
    EXPECT_TRUE(report()) << "and harms nothing";
}

TEST_F(FlightTest, BeginsAnewAfterAReportThatIsTooOld)
{
    send(100);
    report();
    send(9000);
    EXPECT_FALSE(report());
    send(100);
    EXPECT_EQ(report()->packets, 100u);
    EXPECT_EQ(next, uint16_t(65500 + 9200));
}
