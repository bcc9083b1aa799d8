// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/media/capture.h"
#include "lib/glib/offload.h"
#include "tests/unit/loop.h"

#include <condition_variable>
#include <gtest/gtest.h>
#include <mutex>

using namespace panto;
using namespace panto::media;
using namespace std::chrono_literals;

namespace
{

config::PipelineFile file(const std::string &launch)
{
    config::PipelineFile made;
    made.path = "test.yaml";
    made.name = made.kind = "capture";
    made.launch = launch;
    return made;
}

/// A source that gives pictures as fast as they are taken.
class CaptureTest : public testing::Test
{
protected:
    static void SetUpTestSuite() { gst_init(nullptr, nullptr); }
    ~CaptureTest() override
    {
        use.reset();
        capture.reset();
        offload_drain(60s);
    }

    bool picture_comes(std::chrono::milliseconds within = 60s)
    {
        std::unique_lock lock{mutex};
        const unsigned before = count;
        return came.wait_for(lock, within, [&] { return count > before; });
    }
    /// Whether nothing runs that could give one: it would come at once.
    bool stands_still()
    {
        offload_drain(60s);
        return !picture_comes(50ms);
    }

    std::mutex mutex;
    std::condition_variable came;
    unsigned count = 0;
    std::unique_ptr<Capture> capture = std::make_unique<Capture>(
        file("videotestsrc ! video/x-raw,width=16,height=16"), std::nullopt, Values{});
    Tap::Subscription watching = capture->pixels().subscribe([this](GstSample *) {
        std::lock_guard lock{mutex};
        ++count;
        came.notify_all();
    });
    Demand::Use use;
};

} // namespace

TEST_F(CaptureTest, LetsGoOfTheDeviceWhileItIsPausedAndGoesOnByItself)
{
    use = capture->use();
    ASSERT_TRUE(picture_comes());
    auto pause = capture->pause();
    EXPECT_TRUE(stands_still());
    pause.reset();
    EXPECT_TRUE(picture_comes());
}

TEST_F(CaptureTest, WaitsForTheEndOfAPauseWhenSomebodyBeginsToUseIt)
{
    auto pause = capture->pause();
    auto another = capture->pause();
    use = capture->use();
    EXPECT_TRUE(stands_still());
    pause.reset();
    EXPECT_TRUE(stands_still()) << "there is another";
    another.reset();
    EXPECT_TRUE(picture_comes());
}

TEST_F(CaptureTest, StaysAtRestAfterAPauseWhileNobodyUsesIt)
{
    capture->pause().reset();
    EXPECT_TRUE(stands_still());
}

TEST_F(CaptureTest, MayGoBeforeAPauseThatItGave)
{
    use = capture->use();
    const auto pause = capture->pause();
    use.reset();
    capture.reset();
}

TEST_F(CaptureTest, SaysWhyAPipelineFailsAndWhatToDoAboutIt)
{
    capture = std::make_unique<Capture>(file("videotestsrc ! image/jpeg"), std::nullopt, Values{});
    use = capture->use();
    while (capture->signal().state == "unknown")
        g_main_context_iteration(nullptr, TRUE);
    EXPECT_EQ(capture->signal().state, "stalled");
    EXPECT_NE(capture->signal().reason, "");
    EXPECT_NE(capture->signal().cure.find("/api/doctor"), std::string::npos);
}
