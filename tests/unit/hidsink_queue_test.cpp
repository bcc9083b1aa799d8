// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/usbhid/report.h"
#include "plugins/hidsink/queue.h"

#include <gtest/gtest.h>

using namespace panto;

namespace
{

Report make(std::initializer_list<int> bytes)
{
    std::vector<uint8_t> out;
    for (const int b : bytes)
        out.push_back(uint8_t(b));
    return Report{out};
}

Report absolute(uint8_t buttons, uint16_t x, uint16_t y, int wheel = 0)
{
    return make({buttons, x & 0xff, x >> 8, y & 0xff, y >> 8, wheel});
}

std::vector<Report> queued(std::initializer_list<Report> reports)
{
    ReportQueue queue;
    for (const Report &report : reports)
        queue.push(report, Time{});
    std::vector<Report> out;
    for (; !queue.empty(); queue.pop())
        out.push_back(queue.front());
    return out;
}

using Reports = std::vector<Report>;

} // namespace

TEST(ReportQueue, KeepsKeyReportsInOrderAndWhole)
{
    const Report a = make({0, 0, 4, 0, 0, 0, 0, 0}), up = make({0, 0, 0, 0, 0, 0, 0, 0});
    EXPECT_EQ(queued({a, up, a, a, up}), (Reports{a, up, a, a, up}));
}

TEST(ReportQueue, ConsumerKeysKeepTheirOrderAndAreReleasedWhole)
{
    const Report up = make({0xe9, 0}), home = make({0x23, 0x02}), none = make({0, 0});
    EXPECT_EQ(queued({up, none, home, none}), (Reports{up, none, home, none}));
    EXPECT_TRUE(home.held());
    EXPECT_EQ(home.released(), none);
}

TEST(ReportQueue, TheNewestPositionWins)
{
    EXPECT_EQ(
        queued({absolute(0, 1, 1), absolute(0, 10, 10), absolute(0, 20, 20), absolute(0, 30, 31)}),
        (Reports{absolute(0, 1, 1), absolute(0, 30, 31)}))
        << "the first says which buttons there are";
}

TEST(ReportQueue, WheelStepsAddUp)
{
    EXPECT_EQ(queued({absolute(0, 1, 1), absolute(0, 2, 2, 1), absolute(0, 3, 3, 1),
                      absolute(0, 4, 4, -3)}),
              (Reports{absolute(0, 1, 1), absolute(0, 4, 4, -1)}));
}

TEST(ReportQueue, RelativeStepsAddUp)
{
    EXPECT_EQ(queued({make({0, 0, 0, 0}), make({0, 10, -5, 1}), make({0, 20, -6, 0}),
                      make({0, -3, 1, 1})}),
              (Reports{make({0, 0, 0, 0}), make({0, 27, -10, 2})}));
}

TEST(ReportQueue, AStepThatWouldOverflowIsAReportOfItsOwn)
{
    EXPECT_EQ(
        queued({make({0, 0, 0, 0}), make({0, 100, 0, 0}), make({0, 27, 0, 0}), make({0, 1, 0, 0})}),
        (Reports{make({0, 0, 0, 0}), make({0, 127, 0, 0}), make({0, 1, 0, 0})}));
    EXPECT_EQ(queued({make({0, 0, 0, 0}), make({0, 0, -100, 0}), make({0, 0, -28, 0})}),
              (Reports{make({0, 0, 0, 0}), make({0, 0, -100, 0}), make({0, 0, -28, 0})}));
}

TEST(ReportQueue, AButtonChangeIsNeverMergedAway)
{
    const Reports click{absolute(0, 1, 1), absolute(0, 10, 10), absolute(1, 10, 10),
                        absolute(0, 10, 10)};
    EXPECT_EQ(queued({click[0], click[1], click[2], click[3]}), click);
}

TEST(ReportQueue, AButtonChangesWhereItWasPressed)
{
    // Merging the drag into the press would press at the drag's end.
    EXPECT_EQ(queued({absolute(0, 1, 1), absolute(1, 10, 10), absolute(1, 20, 20),
                      absolute(1, 30, 30), absolute(0, 30, 30)}),
              (Reports{absolute(0, 1, 1), absolute(1, 10, 10), absolute(1, 30, 30),
                       absolute(0, 30, 30)}));
}

TEST(ReportQueue, RemembersTheButtonsOfWhatIsAlreadyDelivered)
{
    ReportQueue queue;
    queue.push(absolute(1, 1, 1), Time{});
    queue.pop();
    queue.push(absolute(1, 2, 2), Time{});
    queue.push(absolute(1, 3, 3), Time{});
    ASSERT_EQ(queue.size(), 1u);
    EXPECT_EQ(queue.front(), absolute(1, 3, 3));
}

TEST(ReportQueue, APointerDoesNotPassAKey)
{
    const Report shift = make({2, 0, 0, 0, 0, 0, 0, 0});
    EXPECT_EQ(
        queued({absolute(0, 1, 1), absolute(0, 2, 2), shift, absolute(0, 3, 3), absolute(0, 4, 4)}),
        (Reports{absolute(0, 1, 1), absolute(0, 2, 2), shift, absolute(0, 4, 4)}));
}

TEST(ReportQueue, AMergedReportHasWaitedAsLongAsItsFirstPart)
{
    ReportQueue queue;
    using namespace std::chrono_literals;
    queue.push(absolute(0, 1, 1), Time{});
    queue.pop();
    queue.push(absolute(0, 2, 2), Time{1s});
    queue.push(absolute(0, 3, 3), Time{2s});
    EXPECT_EQ(queue.front_since(), Time{1s});
}

TEST(ReportQueue, IsFullAtItsBound)
{
    ReportQueue queue;
    const Report key = make({0, 0, 4, 0, 0, 0, 0, 0});
    for (size_t i = 0; i < ReportQueue::kMost; ++i) {
        EXPECT_FALSE(queue.full());
        queue.push(key, Time{});
    }
    EXPECT_TRUE(queue.full());
    queue.clear();
    EXPECT_TRUE(queue.empty());
}

TEST(Report, ReleasesKeysAndButtonsButLeavesThePointerWhereItIs)
{
    EXPECT_EQ(make({2, 0, 4, 5, 0, 0, 0, 0}).released(), make({0, 0, 0, 0, 0, 0, 0, 0}));
    EXPECT_EQ(make({1, 9, 9, 9}).released(), make({0, 0, 0, 0}));
    EXPECT_EQ(absolute(3, 0x1234, 0x5678, 1).released(), absolute(0, 0x1234, 0x5678));
}

TEST(Report, KnowsWhetherSomethingIsDown)
{
    EXPECT_TRUE(make({0, 0, 0, 0, 0, 0, 0, 4}).held());
    EXPECT_TRUE(make({1, 0, 0, 0, 0, 0, 0, 0}).held());
    EXPECT_FALSE(make({0, 0, 0, 0, 0, 0, 0, 0}).held());
    EXPECT_FALSE(make({0, 5, 5, 1}).held());
    EXPECT_TRUE(make({4, 0, 0, 0}).held());
    EXPECT_FALSE(absolute(0, 100, 100, 1).held());
    EXPECT_TRUE(absolute(1, 1, 1).held());
}
