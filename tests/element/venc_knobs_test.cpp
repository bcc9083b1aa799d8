// SPDX-License-Identifier: LGPL-2.1-or-later
/// What goes wrong in a vendor's library or its hardware ends in recovery, or in one clear error
/// within two seconds; one test for each knob of the stand-in.
#include "plugins/venc/mpp_config.h"
#include "tests/element/venc_faults.h"

using namespace panto::venc::test;
using panto::Ref;

namespace
{

using VencKnobs = Faults<Venc>;

} // namespace

TEST_F(VencKnobs, DelayAndJitterCostTimeAndNothingElse)
{
    const Variable delay{"STANDIN_DELAY_MS", "5"}, jitter{"STANDIN_JITTER_MS", "10"};
    make();
    start();
    for (int i = 0; i < 20; ++i)
        EXPECT_TRUE(encode()) << i;
    EXPECT_GE(stat("encode-us-p50"), 5000u);
    EXPECT_GT(stat("encode-us-max"), 5000u);
    EXPECT_EQ(stat("failed"), 0u);
}

TEST_F(VencKnobs, ALostFrameIsFollowedByAKeyFrame)
{
    const Variable fail{"STANDIN_FAIL_EVERY", "5"};
    make();
    start();
    for (int i = 1; i <= 20; ++i) {
        const auto unit = encode();
        EXPECT_EQ(bool(unit), i % 5 != 0) << i;
        if (unit) {
            EXPECT_EQ(unit->key, i % 5 == 1) << i;
        }
    }
    EXPECT_EQ(stat("failed"), 4u);
    EXPECT_EQ(stat("reopened"), 0u);
    EXPECT_EQ(errors(), "");
}

TEST_F(VencKnobs, LosingEveryFrameOpensItAnewOnceAndThenIsAnError)
{
    const Variable fail{"STANDIN_FAIL_EVERY", "1"};
    make();
    start();
    EXPECT_LT(push_until_error(10), 10);
    EXPECT_FALSE(pull());
    EXPECT_EQ(stat("reopened"), 1u);
    EXPECT_TRUE(is_one(errors(), "the hardware lost a picture"));
    EXPECT_LT(ms(), 2000);
}

TEST_F(VencKnobs, LosingFramesOnlyUntilItIsOpenedAnewIsNoError)
{
    auto fail = std::make_unique<Variable>("STANDIN_FAIL_EVERY", "1");
    make();
    start();
    EXPECT_FALSE(encode());
    EXPECT_FALSE(encode());
    fail.reset();
    const auto third = encode();
    ASSERT_TRUE(third) << "it is encoded by the encoder that was opened anew";
    EXPECT_TRUE(third->key);
    EXPECT_TRUE(encode());
    EXPECT_EQ(stat("reopened"), 1u);
    EXPECT_EQ(errors(), "");
}

TEST_F(VencKnobs, AHangIsOneErrorAndNeverHoldsUpTheWayToNull)
{
    const Variable hang{"STANDIN_HANG_AT", "3"};
    make();
    start();
    EXPECT_EQ(push_until_error(5), 2);
    EXPECT_LT(ms(), 1500);
    EXPECT_TRUE(is_one(errors(), "the encoder hangs"));
    end();
    EXPECT_LT(ms(), 2000);
}

TEST_F(VencKnobs, TheWayToNullIsShortWhileTheEncoderHangs)
{
    const Variable hang{"STANDIN_HANG_AT", "1"};
    make();
    start();
    std::thread streaming{[this] { push(Picture{width_, height_}); }};
    while (counts()[MPP_STANDIN_FRAMES] == 0 && ms() < 1000)
        std::this_thread::yield();
    ASSERT_EQ(counts()[MPP_STANDIN_FRAMES], 1) << "it hangs in the encoder";
    gst_element_set_state(element_.get(), GST_STATE_NULL);
    EXPECT_LT(ms(), 2000);
    streaming.join();
}

TEST_F(VencKnobs, AfterAHangItCanBeStartedAgain)
{
    {
        const Variable hang{"STANDIN_HANG_AT", "1"};
        make();
        start();
        EXPECT_EQ(push_until_error(2), 0);
    }
    restart();
    EXPECT_TRUE(encode());
}

TEST_F(VencKnobs, AFrameThatTheRateControlLeavesOutIsNoError)
{
    const Variable drop{"STANDIN_DROP_EVERY", "4"};
    make();
    start();
    for (int i = 1; i <= 12; ++i)
        EXPECT_EQ(bool(encode()), i % 4 != 0) << i;
    EXPECT_EQ(stat("dropped"), 3u);
    EXPECT_EQ(stat("failed"), 0u);
    EXPECT_EQ(stat("idr"), 1u);
}

TEST_F(VencKnobs, ABusyEncoderIsAskedAgain)
{
    const Variable busy{"STANDIN_PUT_BUSY_EVERY", "2"};
    make();
    start();
    for (int i = 0; i < 10; ++i)
        EXPECT_TRUE(encode()) << i;
    EXPECT_EQ(stat("failed"), 0u);
}

TEST_F(VencKnobs, AnEncoderThatStaysBusyIsOpenedAnewOnceAndThenIsAnError)
{
    const Variable busy{"STANDIN_PUT_BUSY_EVERY", "1"};
    make();
    start();
    EXPECT_EQ(push_until_error(2), 0);
    EXPECT_EQ(stat("reopened"), 1u);
    EXPECT_TRUE(is_one(errors(), "the encoder takes no picture"));
    EXPECT_LT(ms(), 2000);
}

TEST_F(VencKnobs, AStallOfSeveralFramesIsNeverMetByOneAtATime)
{
    const Variable stall{"STANDIN_STALL", "1"};
    make("vencjpegenc");
    start();
    for (int i = 0; i < 5; ++i)
        EXPECT_TRUE(encode()) << i;
}

TEST_F(VencKnobs, AnInitialisationThatFailsIsOneSentence)
{
    const Variable init{"STANDIN_INIT", "-1"};
    EXPECT_TRUE(is_one(refusal(), "no H.264 encoder in this hardware"));
}

TEST_F(VencKnobs, AChipWithoutTheCodecIsOneSentence)
{
    EXPECT_TRUE(is_one(refusal("vench265enc"), "no H.265 encoder in this hardware"));
}

TEST_F(VencKnobs, ALibraryThatIgnoresTheWishForAKeyFrameIsMadeToGiveOne)
{
    const Variable ignore{"STANDIN_IGNORE_IDR", "1"};
    for (const int gop : {0, 300}) {
        make();
        set("gop-size", gop);
        start();
        for (int i = 0; i < 45; ++i) {
            if (i == 10 || i == 30)
                ask_for_key();
            const auto unit = encode();
            ASSERT_TRUE(unit);
            // The first time it is known a frame later only.
            EXPECT_EQ(unit->key, i == 0 || i == 11 || i == 30) << i << ", gop-size=" << gop;
        }
        end();
    }
}

TEST_F(VencKnobs, ATableOfBefore2017IsRefusedAndALaterOneTaken)
{
    {
        const Variable table{"STANDIN_TABLE", "176"};
        EXPECT_TRUE(is_one(refusal(), "its table has 176 bytes, not 184"));
        end();
    }
    const Variable table{"STANDIN_TABLE", "192"};
    make();
    start();
    EXPECT_TRUE(encode());
}

/// The library's functions are looked up once for each name of it, so these have names of their
/// own.
class VencVersions : public VencKnobs
{
protected:
    VencVersions()
    {
        std::filesystem::create_symlink(std::getenv("VENC_STANDIN"), name_);
        setenv("VENC_MPP_LIBRARY", name_.c_str(), 1);
    }
    ~VencVersions() override
    {
        std::filesystem::remove(name_);
        mpp_standin_offer();
    }

    const std::string name_ = testing::TempDir() + "venc-" + std::to_string(getpid()) + "-" +
                              testing::UnitTest::GetInstance()->current_test_info()->name() + ".so";
};

TEST_F(VencVersions, AFunctionThatIsNeededAndNotThereIsOneSentence)
{
    const Variable missing{"STANDIN_MISSING", "mpp_enc_cfg_init,mpp_meta_get_s32"};
    mpp_standin_offer();
    EXPECT_TRUE(is_one(refusal(), "it lacks mpp_enc_cfg_init, mpp_meta_get_s32"));
}

TEST_F(VencVersions, FunctionsThatAreNotNeededMayBeMissing)
{
    const Variable missing{"STANDIN_MISSING",
                           "mpp_frame_get_meta,mpp_frame_set_colorspace,mpp_packet_get_buffer,"
                           "mpp_buffer_group_limit_config,mpp_meta_set_s32"};
    mpp_standin_offer();
    make();
    start();
    EXPECT_TRUE(encode());
}

TEST_F(VencVersions, WithoutItsSynchronizationPicturesStillReachTheEncoder)
{
    const Variable no_sync{"STANDIN_NO_SYNC", "1"};
    mpp_standin_offer();
    make();
    start();
    panto::mpp::test::Decoder decoder;
    for (int i = 0; i < 5; ++i) {
        const Picture picture{width_, height_, i};
        const auto unit = encode(picture);
        ASSERT_TRUE(unit);
        EXPECT_GT(psnr(decoder.decode(unit->bytes), picture), 30) << i;
    }
}

TEST_F(VencKnobs, AKeyThatOnlyImprovesThingsMayBeRefused)
{
    const Variable refuse{"STANDIN_REFUSE_KEY",
                          "rc:max_i_prop,rc:max_reenc_times,rc:stats_time,rc:fps_in_flex,"
                          "rc:super_mode,rc:drop_mode,base:low_delay,split:mode,h264:cabac_en,"
                          "h264:trans8x8,h264:constraint_set,prep:colorrange,prep:colorspace,"
                          "prep:colorprim,prep:colortrc,rc:fps_in_denom,rc:fps_out_denom"};
    make();
    start();
    EXPECT_TRUE(encode());
    EXPECT_TRUE(encode());
    EXPECT_EQ(errors(), "");
}

TEST_F(VencKnobs, AKeyThatIsNeededIsNamedWhenItIsRefused)
{
    for (const char *key : {"prep:width", "prep:hor_stride", "rc:bps_target", "rc:gop", "rc:mode",
                            "h264:profile", "h264:level"}) {
        const Variable refuse{"STANDIN_REFUSE_KEY", key};
        make();
        start();
        EXPECT_NE(push(Picture{width_, height_}), GST_FLOW_OK) << key;
        EXPECT_TRUE(is_one(errors(), std::string{"the library does not know "} + key));
        end();
    }
    EXPECT_LT(ms(), 10000);
}

TEST_F(VencKnobs, EveryBitRateThatCanBeSetIsTaken)
{
    for (const unsigned kbps : {10u, 100000u})
        for (const char *mode : {"cbr", "vbr", "avbr"}) {
            make();
            set_text("rate-control", mode);
            set("bitrate", kbps);
            set("max-bitrate", 100000u);
            start();
            EXPECT_TRUE(encode()) << kbps << " " << mode;
            EXPECT_EQ(errors(), "");
            end();
        }
}

/// What the library refuses must not stay in the object of which the next change is made.
TEST_F(VencKnobs, ARefusedConfigurationLeavesTheOldOne)
{
    using namespace panto::mpp;
    const auto library = load_library();
    ASSERT_TRUE(library);
    Context *context = nullptr;
    Api *api = nullptr;
    ASSERT_EQ(mpp_create(&context, &api), Ret::Ok);
    ASSERT_EQ(mpp_init(context, CtxType::Encoder, Coding::Avc), Ret::Ok);
    {
        Config config{**library, *api, context};
        ASSERT_TRUE(config.load());
        config.set("rc:bps_target", 100);
        const auto refused = config.commit();
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().message,
                  "the library refuses the configuration: -6 (value refused)");
        config.set("rc:gop", 0);
        EXPECT_TRUE(config.commit()) << "the bit rate is the old one again";
        EncCfg *now = nullptr;
        mpp_enc_cfg_init(&now);
        api->control(context, Command::GetCfg, now);
        int32_t gop = -1, bps = -1;
        mpp_enc_cfg_get_s32(now, "rc:gop", &gop);
        mpp_enc_cfg_get_s32(now, "rc:bps_target", &bps);
        mpp_enc_cfg_deinit(now);
        EXPECT_EQ(gop, 0);
        EXPECT_EQ(bps, 2'000'000);
    }
    mpp_destroy(context);
}

TEST_F(VencKnobs, AConfigurationThatTheLibraryRefusesIsOneSentence)
{
    make();
    set("extra-config", "prep:hor_stride=16");
    start();
    EXPECT_NE(push(Picture{width_, height_}), GST_FLOW_OK);
    EXPECT_TRUE(is_one(errors(), "the library refuses the configuration: -6 (value refused)"));
    EXPECT_LT(ms(), 2000);
}

TEST_F(VencKnobs, AKeyFrameTooLargeForItsPacketIsAnErrorInTheEnd)
{
    const Variable big{"STANDIN_BIG_IDR", "500000"};
    make();
    start();
    EXPECT_LT(push_until_error(10), 10);
    EXPECT_TRUE(is_one(errors(), "the hardware lost a picture"));
    EXPECT_LT(ms(), 2000);
}

TEST_F(VencKnobs, AKeyFrameTooLargeOnceIsEncodedByTheEncoderThatIsOpenedAnew)
{
    auto big = std::make_unique<Variable>("STANDIN_BIG_IDR", "500000");
    make();
    start();
    EXPECT_FALSE(encode());
    EXPECT_FALSE(encode());
    big.reset();
    EXPECT_TRUE(encode());
}
