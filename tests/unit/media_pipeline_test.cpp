// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/media/pipeline.h"
#include "lib/glib/offload.h"
#include "tests/fakes/refusing_element.h"
#include "tests/unit/loop.h"

#include <array>
#include <gst/gst.h>
#include <gtest/gtest.h>

using namespace panto;
using namespace panto::media;
using namespace std::chrono_literals;

namespace
{

config::PipelineFile file(const std::string &kind, const std::string &launch)
{
    config::PipelineFile f;
    f.path = "/x/test.yaml";
    f.name = "test";
    f.kind = kind;
    f.launch = launch;
    return f;
}

class PipelineTest : public testing::Test
{
protected:
    static void SetUpTestSuite() { gst_init(nullptr, nullptr); }
    void TearDown() override { EXPECT_TRUE(offload_drain(10s)); }

    static Kind kind_of(const Result<> &r) { return r ? Kind::Internal : r.error().kind; }
    static gint property(const Pipeline &p, const char *child, const char *name)
    {
        gint value = -1;
        g_object_get(p.child(child).get(), name, &value, nullptr);
        return value;
    }
};

} // namespace

TEST_F(PipelineTest, FileThatIsFineIsFine)
{
    EXPECT_TRUE(check(file("capture", "fakesrc name=src ! identity")));
    EXPECT_TRUE(check(file("encoder", "identity name=enc")));
    EXPECT_TRUE(check(file("viewer", "appsrc name=in ! fakesink name=webrtc")));
    EXPECT_TRUE(check(file("input", "appsrc name=keyboard ! fakesink appsrc name=b ! fakesink")));
}

TEST_F(PipelineTest, FileThatNamesAnElementThatIsNotThereIsUnavailable)
{
    auto checked = check(file("encoder", "nosuchelement ! identity ! alsomissing"));
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().kind, Kind::Unavailable);
    EXPECT_EQ(checked.error().message,
              "/x/test.yaml: launch: not installed: nosuchelement, alsomissing");
}

TEST_F(PipelineTest, EncoderWhoseHardwareIsNotHereIsUnavailableAndSaysWhatItSays)
{
    register_refusing_element();
    auto checked = check(file("encoder", "identity ! refusing name=enc ! identity"));
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().kind, Kind::Unavailable);
    EXPECT_EQ(checked.error().message, "/x/test.yaml: launch: enc: There is no such chip here.");
}

TEST_F(PipelineTest, MistakeIsNamedBeforeHardwareThatIsNotHere)
{
    register_refusing_element();
    auto f = file("encoder", "refusing name=enc");
    f.set["video.quality"] = "enc::nosuch";
    EXPECT_EQ(kind_of(check(f)), Kind::NotFound);
}

TEST_F(PipelineTest, FileThatDoesNotParseIsWrong)
{
    for (const char *launch : {"identity ! ! identity", "identity nosuchproperty=1", "! identity !",
                               "(", "identity ! other."}) {
        auto checked = check(file("encoder", launch));
        ASSERT_FALSE(checked) << launch;
        EXPECT_EQ(checked.error().kind, Kind::Invalid) << launch << ": " << checked.error().message;
        EXPECT_EQ(checked.error().message.rfind("/x/test.yaml: launch: ", 0), 0u)
            << checked.error().message;
    }
}

TEST_F(PipelineTest, FileThatSetsWhatIsNotThereIsWrong)
{
    auto f = file("encoder", "identity name=enc");
    f.set["video.quality"] = "enc::nosuch";
    EXPECT_EQ(check(f).error().message,
              "/x/test.yaml: set.video.quality: enc has no property nosuch");
    f.set["video.quality"] = "other::sleep-time";
    EXPECT_EQ(check(f).error().message,
              "/x/test.yaml: set.video.quality: there is no element named other");
    for (const char *target : {"sleep-time", "enc:sleep-time", "", "enc::sleep-time *",
                               "enc::sleep-time * 0", "enc::sleep-time * -2"}) {
        f.set["video.quality"] = target;
        EXPECT_EQ(kind_of(check(f)), Kind::Invalid) << target;
    }
}

TEST_F(PipelineTest, EncoderThatMakesAnotherCodecThanItOffersIsWrong)
{
    auto f = file("encoder", "videoconvert ! jpegenc");
    f.lines["offers.codec"] = 3;
    f.codec = "mjpeg";
    EXPECT_TRUE(check(f));
    f.codec = "h264";
    EXPECT_EQ(check(f).error().message,
              "/x/test.yaml:3: offers.codec: is h264, but launch gives image/jpeg");
    f.launch = "x264enc ! h264parse";
    EXPECT_TRUE(check(f));
    f.codec = "mjpeg";
    EXPECT_EQ(check(f).error().message,
              "/x/test.yaml:3: offers.codec: is mjpeg, but launch gives video/x-h264");
    f.launch = "identity";
    EXPECT_TRUE(check(f)) << "it does not say what it gives";
}

TEST_F(PipelineTest, NamesTheLineOfWhatIsWrong)
{
    auto f = file("encoder", "identity nosuchproperty=1");
    f.lines = {{"launch", 4}, {"set.video.fps", 7}};
    EXPECT_EQ(check(f).error().message.rfind("/x/test.yaml:4: launch: ", 0), 0u);
    f.launch = "identity";
    f.set["video.fps"] = "enc::x";
    EXPECT_EQ(check(f).error().message.rfind("/x/test.yaml:7: set.video.fps: ", 0), 0u);
}

TEST_F(PipelineTest, SetsWhatTheFileNames)
{
    auto f = file("encoder", "identity name=enc ! fakesink name=end");
    f.set["video.quality"] = "enc::error-after";
    f.set["video.bitrate_kbps"] = "end::num-buffers * 1000";
    f.set["video.unknown"] = "end::state-error";
    auto made = Pipeline::create(f, {{"video.quality", "70"}, {"video.bitrate_kbps", "4"}});
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(property(**made, "enc", "error-after"), 70);
    EXPECT_EQ(property(**made, "end", "num-buffers"), 4000);
}

TEST_F(PipelineTest, SetsTheNearestThatAnElementTakes)
{
    auto f = file("capture", "fakesrc name=src ! fakesink");
    f.set["video.fps"] = "src::num-buffers";
    f.set["video.width"] = "src::sizemax * 1000";
    auto made = Pipeline::create(f, {{"video.fps", "-7"}, {"video.width", "4000000"}});
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(property(**made, "src", "num-buffers"), -1);
    EXPECT_EQ(property(**made, "src", "sizemax"), G_MAXINT);
}

TEST_F(PipelineTest, SetsOneFieldOfAStructureAndKeepsTheOthers)
{
    auto f = file("capture", "v4l2src name=enc extra-controls=\"c,repeat=1,rate=5\" ! fakesink");
    f.set["video.bitrate_kbps"] = "enc::extra-controls.rate * 1000";
    f.set["screen.gop"] = "enc::extra-controls.period";
    auto made = Pipeline::create(f, {{"video.bitrate_kbps", "4000"}, {"screen.gop", "3000"}});
    ASSERT_TRUE(made) << made.error().message;
    const auto controls = [&] {
        GstStructure *s = nullptr;
        g_object_get((*made)->child("enc").get(), "extra-controls", &s, nullptr);
        int repeat = 0, rate = 0, period = 0;
        gst_structure_get(s, "repeat", G_TYPE_INT, &repeat, "rate", G_TYPE_INT, &rate, "period",
                          G_TYPE_INT, &period, nullptr);
        gst_structure_free(s);
        return std::array{repeat, rate, period};
    };
    EXPECT_EQ(controls(), (std::array{1, 4000000, 3000}));
    auto live = (*made)->change("video.bitrate_kbps", "500");
    ASSERT_TRUE(live) << live.error().message;
    EXPECT_TRUE(*live) << "a driver takes it while it plays";
    EXPECT_EQ(controls(), (std::array{1, 500000, 3000}));
}

TEST_F(PipelineTest, RefusesAFieldOfWhatHasNone)
{
    auto f = file("encoder", "identity name=enc");
    f.set["video.quality"] = "enc::sleep-time.x";
    EXPECT_EQ(check(f).error().message,
              "/x/test.yaml: set.video.quality: enc's property sleep-time has no fields");
    f.set["video.quality"] = "enc::sleep-time.";
    EXPECT_EQ(kind_of(check(f)), Kind::Invalid);
}

TEST_F(PipelineTest, TakesAValueForAValueAndNeverForElements)
{
    auto f = file("encoder", "fakesrc ! fakesink name=end");
    f.set["video.device"] = "end::name";
    auto made = Pipeline::create(f, {{"video.device", "x ! filesink location=/tmp/y"}});
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(GST_BIN_NUMCHILDREN((*made)->element()), 2);
}

TEST_F(PipelineTest, AddsWhatTheDaemonPutsAround)
{
    auto made = Pipeline::create(file("encoder", "identity name=enc"), {}, "fakesrc name=in",
                                 "fakesink name=out");
    ASSERT_TRUE(made) << made.error().message;
    for (const char *child : {"in", "enc", "out"})
        EXPECT_TRUE((*made)->child(child)) << child;
    EXPECT_FALSE((*made)->child("other"));
}

TEST_F(PipelineTest, IsAPipelineEvenOfOneElement)
{
    auto made = Pipeline::create(file("encoder", "fakesink"), {});
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_TRUE(GST_IS_PIPELINE((*made)->element()));
}

TEST_F(PipelineTest, RunsOnTheMonotonicClockFromTheBeginningOfTime)
{
    auto made = Pipeline::create(file("capture", "fakesrc ! fakesink"), {});
    ASSERT_TRUE(made) << made.error().message;
    auto clock = Ref<GstClock>::adopt(gst_pipeline_get_clock(GST_PIPELINE((*made)->element())));
    const auto now = GstClockTime(std::chrono::steady_clock::now().time_since_epoch() / 1ns);
    EXPECT_LT(gst_clock_get_time(clock.get()) - now, 10 * GST_SECOND);
    EXPECT_EQ(gst_element_get_base_time((*made)->element()), 0u);
}

TEST_F(PipelineTest, SaysWhenItFailsWhileItRuns)
{
    auto made =
        Pipeline::create(file("capture", "fakesrc ! identity error-after=3 ! fakesink"), {});
    ASSERT_TRUE(made) << made.error().message;
    std::string said;
    (*made)->on_error = [&](const Error &e) { said = e.message; };
    ASSERT_TRUE((*made)->play());
    const Source watchdog = after(10s, [&] { said = "nothing happened"; });
    while (said.empty())
        g_main_context_iteration(nullptr, TRUE);
    EXPECT_EQ(said.rfind("test: identity", 0), 0u) << said;
}

TEST_F(PipelineTest, PassesElementMessagesOn)
{
    auto made = Pipeline::create(file("capture", "fakesrc ! fakesink name=end"), {});
    ASSERT_TRUE(made) << made.error().message;
    std::string said;
    (*made)->on_message = [&](const GstStructure &s) { said = gst_structure_get_name(&s); };
    const auto end = (*made)->child("end");
    gst_element_post_message(
        end.get(),
        gst_message_new_element(GST_OBJECT(end.get()), gst_structure_new_empty("kvm-signal")));
    Loop::run();
    EXPECT_EQ(said, "kvm-signal");
}

TEST_F(PipelineTest, SaysWhenItDoesNotStart)
{
    auto made =
        Pipeline::create(file("capture", "fakesrc ! fakesink state-error=null-to-ready"), {});
    ASSERT_TRUE(made) << made.error().message;
    auto playing = (*made)->play();
    ASSERT_FALSE(playing);
    EXPECT_EQ(playing.error().kind, Kind::Unavailable);
    EXPECT_NE(playing.error().message, "test: the pipeline does not start");
    EXPECT_EQ(playing.error().message.rfind("test: fakesink", 0), 0u) << playing.error().message;
    unsigned more = 0;
    (*made)->on_error = [&](const Error &) { ++more; };
    Loop::run();
    EXPECT_EQ(more, 0u) << "it is said once";
}
