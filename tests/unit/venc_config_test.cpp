// SPDX-License-Identifier: LGPL-2.1-or-later
/// Which keys the encoder's library is told, also for codecs that no stand-in has.
#include "plugins/venc/mpp_config.h"

#include <gtest/gtest.h>
#include <map>

using namespace panto::mpp;
using namespace panto::venc;

namespace
{

std::map<std::string, int> told; // by the functions below, which are C's
std::string unknown;             // a key that this version does not have

class VencConfig : public testing::Test
{
protected:
    VencConfig()
    {
        told.clear();
        unknown.clear();
        library_.mpp_enc_cfg_init = [](EncCfg **cfg) {
            static char object;
            *cfg = reinterpret_cast<EncCfg *>(&object);
            return Ret::Ok;
        };
        library_.mpp_enc_cfg_deinit = [](EncCfg *) { return Ret::Ok; };
        library_.mpp_enc_cfg_set_s32 = [](EncCfg *, const char *key, int32_t value) {
            if (key == unknown)
                return Ret::Nok;
            told[key] = value;
            return Ret::Ok;
        };
        api_.control = [](Context *, Command, void *) { return Ret::Ok; };
        video_.width = 1920;
        video_.height = 1080;
        video_.fps_num = 60;
        EXPECT_TRUE(config_.load());
    }

    void configure(Codec codec)
    {
        const Note note = [this](const std::string &text) { notes_ += text; };
        set_rate_control(config_, codec, video_, settings_, note);
        set_codec(config_, codec, video_, settings_, note);
    }

    /// How many keys of that section were set.
    static auto keys_of(const std::string &section)
    {
        return std::count_if(told.begin(), told.end(),
                             [&](const auto &t) { return t.first.starts_with(section + ":"); });
    }

    Library library_;
    Api api_{};
    Config config_{library_, api_, nullptr};
    Video video_;
    Settings settings_;
    std::string notes_;
};

} // namespace

TEST_F(VencConfig, OfH265HasItsProfileLevelAndTierAndNoOtherCodecsKeys)
{
    configure(Codec::H265);
    EXPECT_EQ(told["h265:profile"], 1);
    EXPECT_EQ(told["h265:level"], 123);
    EXPECT_EQ(told["h265:tier"], 0);
    EXPECT_EQ(told["rc:bps_target"], 4'000'000);
    EXPECT_EQ(keys_of("h264") + keys_of("jpeg"), 0);
    EXPECT_TRUE(config_.commit());
}

TEST_F(VencConfig, OfH264HasNoOtherCodecsKeys)
{
    configure(Codec::H264);
    EXPECT_EQ(told["h264:level"], 42);
    EXPECT_EQ(told["h264:constraint_set"], 0x00040004);
    EXPECT_EQ(keys_of("h265") + keys_of("jpeg"), 0);
}

TEST_F(VencConfig, OfJpegIsByQualityAlone)
{
    settings_.quality = 77;
    configure(Codec::Jpeg);
    EXPECT_EQ(told["jpeg:q_factor"], 77);
    EXPECT_EQ(told["rc:mode"], int(RcMode::FixQp));
    EXPECT_FALSE(told.contains("rc:bps_target"));
    EXPECT_EQ(keys_of("h264") + keys_of("h265"), 0);
}

TEST_F(VencConfig, IsMadeForSmallKeyFramesThatAreEncodedOnce)
{
    configure(Codec::H264);
    EXPECT_EQ(told["rc:max_i_prop"], 10);
    EXPECT_EQ(told["rc:max_reenc_times"], 0);
    EXPECT_EQ(told["rc:drop_mode"], int(DropMode::Disabled));
    EXPECT_EQ(told["split:mode"], int(SplitMode::None));
    EXPECT_EQ(told["rc:gop"], 0);
}

TEST_F(VencConfig, LeavesQuantizersToTheLibraryUnlessTheyAreSet)
{
    configure(Codec::H264);
    EXPECT_FALSE(told.contains("rc:qp_min"));
    settings_.qp_min = 20;
    settings_.qp_delta_ip = 3;
    configure(Codec::H264);
    EXPECT_EQ(told["rc:qp_min"], 20);
    EXPECT_EQ(told["rc:qp_ip"], 3);
    EXPECT_FALSE(told.contains("rc:qp_max"));
}

TEST_F(VencConfig, SpellsTheRateOfFramesAsOlderVersionsDo)
{
    unknown = "rc:fps_out_denom";
    video_.fps_den = 2;
    configure(Codec::H264);
    EXPECT_EQ(told["rc:fps_out_denorm"], 2);
    EXPECT_TRUE(config_.commit());
}

TEST_F(VencConfig, NamesWhatWasAskedForAndIsNotKnown)
{
    unknown = "rc:qp_max_i";
    settings_.qp_max_i = 40;
    configure(Codec::H264);
    EXPECT_EQ(notes_, "this version of the library has no rc:qp_max_i");
    EXPECT_TRUE(config_.commit());
}

TEST_F(VencConfig, TakesKeysOfTheUsersAndNamesThoseItCannot)
{
    unknown = "rc:of_no_version";
    const Note note = [this](const std::string &text) { notes_ += text + "\n"; };
    set_extra(config_, "rc:stats_time=2,rc:of_no_version=1,h264:poc_type,rc:gop=-x,rc:qp_vi=-2",
              note);
    EXPECT_EQ(told["rc:stats_time"], 2);
    EXPECT_EQ(told["rc:qp_vi"], -2);
    EXPECT_EQ(told.size(), 2u);
    EXPECT_EQ(notes_, "extra-config: the library does not know rc:of_no_version\n"
                      "extra-config: not key=number: h264:poc_type\n"
                      "extra-config: not key=number: rc:gop=-x\n");
}
