// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/unit/mpp_fixture.h"

using namespace panto::mpp;
using namespace panto::mpp::test;

namespace
{

class MppStandinCfg : public testing::Test
{
protected:
    void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
    void TearDown() override { EXPECT_EQ(counts(), decltype(counts()){}) << "objects are left"; }
};

TEST_F(MppStandinCfg, HasOneStaticTableOfSize184AndVersion0)
{
    Encoder a, b;
    EXPECT_EQ(a.api, b.api);
    EXPECT_EQ(a.api->size, 184u);
    EXPECT_EQ(a.api->version, 0u);
}

TEST_F(MppStandinCfg, ShowsAnOlderOrLargerTableWhereAskedTo)
{
    for (const unsigned size : {176u, 192u}) {
        const Variable table{"STANDIN_TABLE", std::to_string(size)};
        Context *context = nullptr;
        Api *api = nullptr;
        ASSERT_EQ(mpp_create(&context, &api), Ret::Ok);
        EXPECT_EQ(api->size, size);
        EXPECT_EQ(mpp_destroy(context), Ret::Ok);
    }
}

TEST_F(MppStandinCfg, PutsEverythingBehindIspOnePlaceEarlierInTheOlderTable)
{
    Encoder now;
    const Variable table{"STANDIN_TABLE", "176"};
    Context *context = nullptr;
    Api *old = nullptr;
    ASSERT_EQ(mpp_create(&context, &old), Ret::Ok);
    EXPECT_EQ(old->encode_put_frame, now.api->encode_put_frame);
    EXPECT_EQ(reinterpret_cast<void *>(old->reset), reinterpret_cast<void *>(now.api->control));
    mpp_destroy(context);
}

TEST_F(MppStandinCfg, BeginsWithTheLibrarysDefaults)
{
    Encoder h264;
    for (const auto &[key, value] : std::map<std::string, int>{{"prep:width", 1280},
                                                               {"prep:height", 720},
                                                               {"prep:hor_stride", 1280},
                                                               {"prep:ver_stride", 720},
                                                               {"prep:colorspace", 2},
                                                               {"rc:mode", int(RcMode::Vbr)},
                                                               {"rc:bps_target", 2'000'000},
                                                               {"rc:bps_max", 2'500'000},
                                                               {"rc:bps_min", 1'500'000},
                                                               {"rc:fps_in_num", 30},
                                                               {"rc:fps_out_denorm", 1},
                                                               {"rc:gop", 60},
                                                               {"rc:qp_init", 26},
                                                               {"h264:qp_min", 8},
                                                               {"rc:qp_max", 48},
                                                               {"rc:max_reenc_times", 1},
                                                               {"h264:profile", 66},
                                                               {"h264:level", 31}})
        EXPECT_EQ(h264.number(key.c_str()), value) << key;
    Encoder jpeg{Coding::Mjpeg};
    EXPECT_EQ(jpeg.number("prep:width"), 0);
    EXPECT_EQ(jpeg.number("rc:bps_target"), 0);
    EXPECT_EQ(jpeg.number("jpeg:q_factor"), 0);
    EXPECT_EQ(jpeg.number("jpeg:quant"), 10);
}

TEST_F(MppStandinCfg, KnowsNoOtherKeyAndChangesNothingThen)
{
    Encoder e;
    int32_t value = 0;
    for (const char *const key : {"rc:nonsense", "h264:qp_ip", "h265:lcu_size", ""}) {
        EXPECT_EQ(mpp_enc_cfg_set_s32(e.cfg, key, 1), Ret::Nok) << key;
        EXPECT_EQ(mpp_enc_cfg_get_s32(e.cfg, key, &value), Ret::Nok) << key;
    }
}

TEST_F(MppStandinCfg, TakesASignedValueForAnUnsignedKey)
{
    Encoder e;
    EXPECT_EQ(e.set({{"rc:max_reenc_times", 0}}), Ret::Ok);
    uint32_t value = 7;
    EXPECT_EQ(mpp_enc_cfg_get_u32(e.cfg, "rc:max_reenc_times", &value), Ret::Ok);
    EXPECT_EQ(value, 0u);
}

/// What the encoder itself has.
int effective(Encoder &e, const char *key)
{
    EncCfg *now = nullptr;
    mpp_enc_cfg_init(&now);
    e.control(Command::GetCfg, now);
    int32_t value = -1;
    mpp_enc_cfg_get_s32(now, key, &value);
    mpp_enc_cfg_deinit(now);
    return value;
}

TEST_F(MppStandinCfg, IgnoresAZeroInAFreshObject)
{
    Encoder e;
    EncCfg *fresh = nullptr;
    mpp_enc_cfg_init(&fresh);
    EXPECT_EQ(mpp_enc_cfg_set_s32(fresh, "rc:gop", 0), Ret::Ok);
    EXPECT_EQ(e.control(Command::SetCfg, fresh), Ret::Ok);
    EXPECT_EQ(effective(e, "rc:gop"), 60);
    mpp_enc_cfg_deinit(fresh);
    EXPECT_EQ(e.set({{"rc:gop", 0}}), Ret::Ok);
    EXPECT_EQ(effective(e, "rc:gop"), 0);
}

TEST_F(MppStandinCfg, RefusesTheTargetAloneFromAFreshObject)
{
    Encoder e;
    EncCfg *fresh = nullptr;
    mpp_enc_cfg_init(&fresh);
    mpp_enc_cfg_set_s32(fresh, "rc:bps_target", 3'000'000);
    EXPECT_EQ(e.control(Command::SetCfg, fresh), Ret::Value);
    mpp_enc_cfg_deinit(fresh);
}

TEST_F(MppStandinCfg, RollsARefusedGroupBackButNotTheCallersObject)
{
    Encoder e;
    EXPECT_EQ(e.set({{"rc:bps_target", 100}, {"rc:qp_init", 30}}), Ret::Value);
    EXPECT_EQ(effective(e, "rc:bps_target"), 2'000'000);
    EXPECT_EQ(effective(e, "rc:qp_init"), 26);
    EXPECT_EQ(e.number("rc:bps_target"), 100);
    EXPECT_EQ(e.control(Command::SetCfg, e.cfg), Ret::Ok) << "no mark is left";
    EXPECT_EQ(effective(e, "rc:bps_target"), 2'000'000);
}

TEST_F(MppStandinCfg, RefusesRatesOutsideTheOpenInterval)
{
    Encoder e;
    for (const int bps : {1000, 200'000'000})
        EXPECT_EQ(e.set({{"rc:bps_max", bps}}), Ret::Value) << bps;
    EXPECT_EQ(e.set({{"rc:bps_max", 199'999'999}}), Ret::Ok);
    EXPECT_EQ(e.set({{"rc:mode", int(RcMode::FixQp)}, {"rc:bps_max", 1}}), Ret::Ok);
}

TEST_F(MppStandinCfg, RefusesStridesSmallerThanThePicture)
{
    Encoder e;
    EXPECT_EQ(e.set({{"prep:hor_stride", 1000}}), Ret::Value);
    EXPECT_EQ(e.set({{"prep:hor_stride", 1280}, {"prep:ver_stride", 719}}), Ret::Value);
    EXPECT_EQ(e.set({{"prep:ver_stride", 720}, {"prep:format", int(FrameFormat::Yuy2)}}),
              Ret::Value);
    EXPECT_EQ(e.set({{"prep:hor_stride", 2560}, {"prep:format", int(FrameFormat::Yuy2)}}), Ret::Ok)
        << "in bytes";
}

TEST_F(MppStandinCfg, DoesNotForgiveAnotherCodecsKeys)
{
    Encoder jpeg{Coding::Mjpeg};
    mpp_enc_cfg_set_s32(jpeg.cfg, "h264:profile", 100);
    EXPECT_DEATH(jpeg.control(Command::SetCfg, jpeg.cfg), "h264:profile.*another codec");
}

TEST_F(MppStandinCfg, RefusesTheKeysThatItIsTold)
{
    const Variable refused{"STANDIN_REFUSE_KEY", "rc:stats_time,h264:constraint_set"};
    Encoder e;
    EXPECT_EQ(mpp_enc_cfg_set_s32(e.cfg, "rc:stats_time", 1), Ret::Nok);
    EXPECT_EQ(mpp_enc_cfg_set_u32(e.cfg, "h264:constraint_set", 1), Ret::Nok);
    EXPECT_EQ(mpp_enc_cfg_set_s32(e.cfg, "rc:gop", 1), Ret::Ok);
}

TEST_F(MppStandinCfg, EndsTheProcessForAHandleOfAnotherKind)
{
    Encoder e;
    EXPECT_DEATH(mpp_frame_set_width(reinterpret_cast<Frame *>(e.cfg), 1),
                 "mpp_frame_set_width: a handle of cfgs, not of frames");
}

TEST_F(MppStandinCfg, EndsTheProcessForWhatIsGivenBackTwice)
{
    Frame *frame = nullptr;
    mpp_frame_init(&frame);
    Frame *copy = frame;
    EXPECT_EQ(mpp_frame_deinit(&frame), Ret::Ok);
    EXPECT_EQ(frame, nullptr);
    EXPECT_DEATH(mpp_frame_deinit(&copy), "mpp_frame_deinit: the handle of an object that is gone");
}

TEST_F(MppStandinCfg, EndsTheProcessForAControlAfterTheEnd)
{
    Encoder e;
    Context *const context = std::exchange(e.context, nullptr);
    EXPECT_EQ(mpp_destroy(context), Ret::Ok);
    EXPECT_DEATH(e.api->control(context, Command::SetIdrFrame, nullptr), "control: the handle of");
}

TEST_F(MppStandinCfg, EndsTheProcessForAnEncodersCommandBeforeInit)
{
    Context *context = nullptr;
    Api *api = nullptr;
    mpp_create(&context, &api);
    EXPECT_DEATH(api->control(context, Command::SetIdrFrame, nullptr), "before mpp_init");
    mpp_destroy(context);
}

} // namespace
