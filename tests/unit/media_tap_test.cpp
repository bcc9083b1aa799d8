// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/media/relay.h"
#include "daemon/media/tap.h"
#include "tests/unit/loop.h"

#include <gtest/gtest.h>
#include <thread>

using namespace panto;
using namespace panto::media;

namespace
{

class TapTest : public testing::Test
{
protected:
    static void SetUpTestSuite() { gst_init(nullptr, nullptr); }

    /// A sample known by its time stamp.
    static Ref<GstSample> sample(GstClockTime pts)
    {
        GstBuffer *buffer = gst_buffer_new();
        GST_BUFFER_PTS(buffer) = pts;
        auto made = Ref<GstSample>::adopt(gst_sample_new(buffer, nullptr, nullptr, nullptr));
        gst_buffer_unref(buffer);
        return made;
    }
    static GstClockTime pts(GstSample *s) { return GST_BUFFER_PTS(gst_sample_get_buffer(s)); }

    /// A relay that writes down what it delivers: "!" for what comes after a loss.
    std::shared_ptr<Relay> relay(size_t limit)
    {
        return Relay::create(limit, [this](GstSample *s, bool lost) {
            got += (lost ? "!" : "") + std::to_string(pts(s)) + " ";
        });
    }

    Tap tap;
    std::string got;
};

} // namespace

TEST_F(TapTest, GivesEachSampleToEveryone)
{
    auto a = tap.subscribe([&](GstSample *s) { got += "a" + std::to_string(pts(s)) + " "; });
    auto b = tap.subscribe([&](GstSample *s) { got += "b" + std::to_string(pts(s)) + " "; });
    tap.push(sample(1).get());
    tap.push(sample(2).get());
    EXPECT_EQ(got, "a1 b1 a2 b2 ");
}

TEST_F(TapTest, GivesNothingToOneWhoLeft)
{
    auto a = tap.subscribe([&](GstSample *) { got += "a "; });
    auto b = tap.subscribe([&](GstSample *) { got += "b "; });
    a = {};
    tap.push(sample(1).get());
    EXPECT_EQ(got, "b ");
}

TEST_F(TapTest, LetsAReceiverLeaveWhileItReceives)
{
    Tap::Subscription a;
    a = tap.subscribe([&](GstSample *) {
        got += "a ";
        a = {};
    });
    tap.push(sample(1).get());
    tap.push(sample(2).get());
    EXPECT_EQ(got, "a ");
}

TEST_F(TapTest, TakesWhoComesWhileItPushes)
{
    Tap::Subscription late;
    auto a = tap.subscribe([&](GstSample *) {
        if (!late)
            late = tap.subscribe([&](GstSample *s) { got += std::to_string(pts(s)) + " "; });
    });
    tap.push(sample(1).get());
    tap.push(sample(2).get());
    EXPECT_EQ(got, "2 ");
}

TEST_F(TapTest, BearsComingAndGoingOnOtherThreads)
{
    std::atomic<bool> stop = false;
    std::thread pushing{[&] {
        const auto s = sample(1);
        while (!stop)
            tap.push(s.get());
    }};
    for (int i = 0; i < 1000; ++i) {
        auto count = std::make_shared<std::atomic<int>>(0);
        auto subscription = tap.subscribe([count](GstSample *) { ++*count; });
    }
    stop = true;
    pushing.join();
}

TEST_F(TapTest, RelayDeliversOnTheMainLoop)
{
    auto r = relay(4);
    auto subscription = tap.subscribe(r->receiver());
    std::thread streaming{[&] {
        for (GstClockTime i = 1; i <= 3; ++i)
            tap.push(sample(i).get());
    }};
    streaming.join();
    EXPECT_EQ(got, "");
    Loop::run();
    EXPECT_EQ(got, "1 2 3 ");
}

TEST_F(TapTest, RelayKeepsTheNewestWhenTheMainLoopIsLate)
{
    auto r = relay(3);
    const auto receive = r->receiver();
    for (GstClockTime i = 1; i <= 4; ++i)
        receive(sample(i).get());
    Loop::run();
    EXPECT_EQ(got, "!4 ");
}

TEST_F(TapTest, RelaySaysOnceThatSomeWereLost)
{
    auto r = relay(1);
    const auto receive = r->receiver();
    for (GstClockTime i = 1; i <= 3; ++i)
        receive(sample(i).get());
    Loop::run();
    receive(sample(4).get());
    Loop::run();
    EXPECT_EQ(got, "!3 4 ");
}

TEST_F(TapTest, RelayDeliversNothingAfterItsEnd)
{
    auto r = relay(4);
    const auto receive = r->receiver();
    receive(sample(1).get());
    r.reset();
    receive(sample(2).get());
    Loop::run();
    EXPECT_EQ(got, "");
}

TEST_F(TapTest, RelayKeepsNoSampleItDelivered)
{
    auto r = relay(4);
    const auto s = sample(1);
    r->receiver()(s.get());
    EXPECT_EQ(GST_MINI_OBJECT_REFCOUNT_VALUE(s.get()), 2);
    Loop::run();
    EXPECT_EQ(GST_MINI_OBJECT_REFCOUNT_VALUE(s.get()), 1);
}
