// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/unit/mpp_decode.h"

using namespace panto::mpp;
using namespace panto::mpp::test;

namespace
{

constexpr int kWidth = 320, kHeight = 240;
const std::vector<int> kWithHeaders{7, 8, 5}, kIdrAlone{5}, kOther{1};

class MppStandinStream : public testing::Test
{
protected:
    void TearDown() override { EXPECT_EQ(counts(), decltype(counts()){}) << "objects are left"; }

    /// The bytes profile_idc, constraint flags and level_idc, in hexadecimal.
    static std::string profile_level(const Coded &coded)
    {
        char text[7];
        snprintf(text, sizeof(text), "%02x%02x%02x", coded.bytes.at(5), coded.bytes.at(6),
                 coded.bytes.at(7));
        return text;
    }

    const Capture capture_{Picture{kWidth, kHeight}.nv12()};
};

TEST_F(MppStandinStream, TellsIntraAndQuantizerOnceForEachPacket)
{
    Encoder e;
    e.begin(kWidth, kHeight);
    for (const int intra : {1, 0, 0}) {
        const Coded coded = e.code(capture_); // reads each twice
        EXPECT_EQ(coded.intra, intra);
        ASSERT_TRUE(coded.qp);
        EXPECT_GE(*coded.qp, 8);
        EXPECT_LE(*coded.qp, 48);
    }
}

TEST_F(MppStandinStream, TellsTheQuantizerThatIsFixed)
{
    for (const int cabac : {0, 1}) {
        Encoder e;
        e.begin(kWidth, kHeight);
        ASSERT_EQ(e.set({{"rc:mode", int(RcMode::FixQp)},
                         {"rc:qp_init", 33},
                         {"h264:profile", 100},
                         {"h264:cabac_en", cabac}}),
                  Ret::Ok);
        EXPECT_EQ(e.code(capture_).qp, 33) << "of an IDR";
        EXPECT_EQ(e.code(capture_).qp, 33) << "of another";
    }
}

TEST_F(MppStandinStream, TellsNeitherForAJpeg)
{
    Encoder e{Coding::Mjpeg};
    ASSERT_EQ(e.set({{"prep:width", kWidth},
                     {"prep:height", kHeight},
                     {"prep:hor_stride", kWidth},
                     {"prep:ver_stride", kHeight},
                     {"rc:mode", int(RcMode::FixQp)},
                     {"jpeg:q_factor", 80}}),
              Ret::Ok);
    Buffer *const buffer = capture_.imported();
    Frame *frame = nullptr;
    mpp_frame_init(&frame);
    mpp_frame_set_width(frame, kWidth);
    mpp_frame_set_height(frame, kHeight);
    mpp_frame_set_hor_stride(frame, kWidth);
    mpp_frame_set_ver_stride(frame, kHeight);
    mpp_frame_set_buffer(frame, buffer);
    ASSERT_EQ(e.api->encode_put_frame(e.context, frame), Ret::Ok);
    const auto coded = e.get().second.value_or(Coded{});
    EXPECT_FALSE(coded.bytes.empty());
    EXPECT_FALSE(coded.has_meta);
    mpp_frame_deinit(&frame);
    mpp_buffer_put_with_caller(buffer, "test");
}

TEST_F(MppStandinStream, BeginsWithAnIdrAndHasNoOtherUnlessAsked)
{
    Encoder e;
    e.begin(kWidth, kHeight);
    for (int i = 0; i < 80; ++i)
        EXPECT_EQ(e.code(capture_).is_idr(), i == 0) << i;
    EXPECT_EQ(e.control(Command::SetIdrFrame, nullptr), Ret::Ok);
    EXPECT_TRUE(e.code(capture_).is_idr());
    EXPECT_FALSE(e.code(capture_).is_idr());
}

TEST_F(MppStandinStream, RepeatsTheIdrWhenTheGroupIsFull)
{
    Encoder e;
    e.begin(kWidth, kHeight);
    ASSERT_EQ(e.set({{"rc:gop", 5}}), Ret::Ok);
    for (int i = 0; i < 12; ++i)
        EXPECT_EQ(e.code(capture_).is_idr(), i % 5 == 0) << i;
}

TEST_F(MppStandinStream, MakesAnIdrAfterAChangeOfAnythingButTheRate)
{
    for (const auto &[key, value] : std::map<std::string, int>{{"rc:fps_in_num", 60},
                                                               {"rc:fps_out_num", 60},
                                                               {"rc:gop", 100},
                                                               {"rc:mode", int(RcMode::Vbr)},
                                                               {"prep:colorrange", 2},
                                                               {"h264:profile", 100},
                                                               {"h264:level", 42}}) {
        Encoder e;
        e.begin(kWidth, kHeight);
        e.code(capture_);
        EXPECT_FALSE(e.code(capture_).is_idr());
        ASSERT_EQ(e.set({{key, value}}), Ret::Ok);
        EXPECT_EQ(e.code(capture_).nal_types(), kWithHeaders) << key;
        ASSERT_EQ(e.set({{key, value}}), Ret::Ok);
        EXPECT_FALSE(e.code(capture_).is_idr()) << key << " is what it was";
    }
}

TEST_F(MppStandinStream, MakesAnIdrWhenARefusedSizeIsRestored)
{
    Encoder e;
    e.begin(kWidth, kHeight);
    e.code(capture_);
    EXPECT_EQ(e.set({{"prep:hor_stride", 100}}), Ret::Value);
    EXPECT_FALSE(e.code(capture_).is_idr());
    EXPECT_EQ(e.set({{"prep:hor_stride", kWidth}}), Ret::Ok);
    EXPECT_TRUE(e.code(capture_).is_idr());
}

TEST_F(MppStandinStream, FollowsAChangedRateWithoutAnIdr)
{
    Encoder e;
    constexpr int kFrames = 60;
    std::vector<std::unique_ptr<Capture>> rough; // so that there is something to spend bits on
    for (int i = 0; i < 4; ++i) {
        auto bytes = Picture{kWidth, kHeight, i}.nv12();
        for (unsigned n = 0; n < bytes.size(); n += 3)
            bytes[n] = uint8_t(bytes[n] + ((n * 2654435761u + unsigned(i) * 40503u) >> 13) % 64);
        rough.push_back(std::make_unique<Capture>(bytes));
    }
    e.begin(kWidth, kHeight, FrameFormat::Nv12, 1, 2'000'000);
    size_t bytes[2] = {};
    for (int half = 0; half < 2; ++half) {
        for (int i = 0; i < kFrames; ++i) {
            const Coded coded = e.code(*rough[size_t(i % 4)]);
            EXPECT_EQ(coded.is_idr(), half == 0 && i == 0);
            bytes[half] += i >= kFrames / 2 ? coded.bytes.size() : 0;
        }
        ASSERT_EQ(
            e.set({{"rc:bps_target", 500'000}, {"rc:bps_max", 531'250}, {"rc:bps_min", 468'750}}),
            Ret::Ok);
    }
    const double first = double(bytes[0]) * 8 * 30 / (kFrames / 2);
    const double second = double(bytes[1]) * 8 * 30 / (kFrames / 2);
    EXPECT_NEAR(first, 2'000'000, 500'000);
    EXPECT_NEAR(second, 500'000, 125'000);
}

TEST_F(MppStandinStream, RepeatsHeadersWithEachIdrOnlyWhereAskedTo)
{
    for (const auto mode : {HeaderMode::EachIdr, HeaderMode::FirstFrame}) {
        Encoder e;
        e.begin(kWidth, kHeight);
        ASSERT_EQ(e.set_number(Command::SetHeaderMode, int(mode)), Ret::Ok);
        EXPECT_EQ(e.code(capture_).nal_types(), kWithHeaders);
        EXPECT_EQ(e.code(capture_).nal_types(), kOther);
        e.control(Command::SetIdrFrame, nullptr);
        EXPECT_EQ(e.code(capture_).nal_types(),
                  mode == HeaderMode::EachIdr ? kWithHeaders : kIdrAlone);
    }
}

std::vector<uint8_t> headers_of(Encoder &e)
{
    std::vector<uint8_t> memory(1024);
    Packet *packet = nullptr;
    mpp_packet_init(&packet, memory.data(), memory.size());
    mpp_packet_set_length(packet, 0);
    EXPECT_EQ(e.control(Command::GetHdrSync, packet), Ret::Ok);
    memory.resize(mpp_packet_get_length(packet));
    mpp_packet_deinit(&packet);
    return memory;
}

TEST_F(MppStandinStream, GivesNoHeadersToTheFirstIdrWhenTheyWereAskedForBefore)
{
    Encoder e;
    e.begin(kWidth, kHeight);
    const auto headers = headers_of(e);
    EXPECT_GT(headers.size(), 20u);
    EXPECT_EQ(e.code(capture_).nal_types(), kIdrAlone);
    e.control(Command::SetIdrFrame, nullptr);
    const Coded second = e.code(capture_);
    EXPECT_EQ(second.nal_types(), kWithHeaders);
    EXPECT_TRUE(std::equal(headers.begin(), headers.end(), second.bytes.begin()));
}

TEST_F(MppStandinStream, GivesThemAgainWhenAnIdrIsRequestedAfterwards)
{
    Encoder e;
    e.begin(kWidth, kHeight);
    headers_of(e);
    e.control(Command::SetIdrFrame, nullptr);
    EXPECT_EQ(e.code(capture_).nal_types(), kWithHeaders);
}

TEST_F(MppStandinStream, TellsOfItselfInEachIdrUnlessForbidden)
{
    const std::vector<int> with_text{7, 8, 6, 5};
    Encoder e;
    e.begin(kWidth, kHeight);
    e.set_number(Command::SetSeiCfg, int(SeiMode::OneSequence));
    EXPECT_EQ(e.code(capture_).nal_types(), with_text);
    EXPECT_EQ(e.code(capture_).nal_types(), kOther);
    e.set_number(Command::SetSeiCfg, int(SeiMode::OneFrame));
    EXPECT_EQ(e.code(capture_).nal_types(), (std::vector<int>{6, 1}));
}

TEST_F(MppStandinStream, TellsOfItselfFromTheBeginning)
{
    Encoder e; // 1280x720 at first
    const Capture capture{Picture{1280, 720}.nv12()};
    EXPECT_EQ(e.code(capture).nal_types(), (std::vector<int>{7, 8, 6, 5}));
}

TEST_F(MppStandinStream, WritesProfileConstraintsAndLevelAsTheChipDoes)
{
    struct Row {
        int profile, level;
        unsigned constraint_set;
        const char *bytes;
    };
    for (const Row &row : {Row{66, 31, 0, "42c01f"}, Row{77, 31, 0, "4d401f"},
                           Row{100, 42, 0, "64102a"}, Row{100, 42, 0x00080000, "64002a"},
                           Row{100, 31, 0x00380030, "640c1f"}, Row{66, 31, 0x00040004, "42e01f"}}) {
        Encoder e;
        e.begin(kWidth, kHeight);
        ASSERT_EQ(e.set({{"h264:profile", row.profile},
                         {"h264:level", row.level},
                         {"h264:cabac_en", 1},
                         {"h264:constraint_set", int(row.constraint_set)}}),
                  Ret::Ok);
        const Coded coded = e.code(capture_);
        EXPECT_EQ(profile_level(coded), row.bytes);
        const Picture sent{kWidth, kHeight};
        EXPECT_GT(psnr(Decoder{}.decode(coded.bytes), sent), 30) << row.bytes;
    }
}

TEST_F(MppStandinStream, RaisesTheLevelForThePicturesSizeAndNotForTheRate)
{
    Encoder e;
    e.begin(1920, 1080);
    ASSERT_EQ(e.set({{"rc:fps_in_num", 60}, {"rc:fps_out_num", 60}}), Ret::Ok);
    EXPECT_EQ(profile_level(e.code(Capture{Picture{1920, 1080}.nv12()})), "42c028");
}

TEST_F(MppStandinStream, RefusesH265AsAChipWithoutIt)
{
    EXPECT_EQ(mpp_check_support_format(CtxType::Encoder, Coding::Hevc), Ret::Ok) << "compiled in";
    Context *context = nullptr;
    Api *api = nullptr;
    ASSERT_EQ(mpp_create(&context, &api), Ret::Ok);
    EXPECT_EQ(mpp_init(context, CtxType::Encoder, Coding::Hevc), Ret::Nok);
    EXPECT_EQ(mpp_destroy(context), Ret::Ok);
}

} // namespace
