// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/unit/mpp_fixture.h"

#include <chrono>
#include <thread>

using namespace panto::mpp;
using namespace panto::mpp::test;
using namespace std::chrono_literals;

namespace
{

constexpr int kWidth = 128, kHeight = 96;

std::chrono::nanoseconds now()
{
    return std::chrono::steady_clock::now().time_since_epoch();
}

class MppStandinFlow : public testing::Test
{
protected:
    void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
    void TearDown() override { EXPECT_EQ(counts(), decltype(counts()){}) << "objects are left"; }

    const Capture capture_{Picture{kWidth, kHeight}.nv12()};
};

/// Gives a frame to an asynchronous encoder, whose it is then.
Ret give(Encoder &e, Buffer *buffer, int64_t pts)
{
    Frame *f = e.frame(buffer, pts);
    const Ret ret = e.api->encode_put_frame(e.context, f);
    if (ret != Ret::Ok)
        mpp_frame_deinit(&f);
    return ret;
}

/// Takes one packet, with its frame.
std::optional<Coded> take(Encoder &e)
{
    auto [ret, coded] = e.get();
    if (coded && coded->frame)
        mpp_frame_deinit(&coded->frame);
    return coded;
}

TEST_F(MppStandinFlow, BlocksAPutForTheTimeOfTheHardwareAndHasThePacketAtOnce)
{
    const Variable delay{"STANDIN_DELAY_MS", "40"};
    Encoder e;
    e.begin(kWidth, kHeight);
    Buffer *const buffer = capture_.imported();
    const auto begin = now();
    EXPECT_EQ(e.put(buffer, 7), Ret::Ok);
    EXPECT_GE(now() - begin, 40ms);
    int64_t none = 0;
    e.control(Command::SetOutputTimeout, &none);
    const auto [ret, coded] = e.get();
    ASSERT_TRUE(coded);
    EXPECT_EQ(coded->pts, 7);
    EXPECT_EQ(coded->frame, nullptr) << "the frame stays its caller's";
    mpp_buffer_put_with_caller(buffer, "test");
}

TEST_F(MppStandinFlow, AnswersOkAndNothingWhenNothingIsQueued)
{
    Encoder e{Coding::Avc, false, 20};
    const auto begin = now();
    const auto [ret, coded] = e.get();
    EXPECT_EQ(ret, Ret::Ok);
    EXPECT_FALSE(coded);
    EXPECT_GE(now() - begin, 15ms);
}

TEST_F(MppStandinFlow, WantsTheCallersPointerToBeNull)
{
    Encoder e;
    auto *packet = reinterpret_cast<Packet *>(1);
    EXPECT_DEATH(e.api->encode_get_packet(e.context, &packet), "not null before");
}

TEST_F(MppStandinFlow, HandsTheFrameBackWithItsPacketInAsynchronousMode)
{
    Encoder e{Coding::Avc, true};
    e.begin(kWidth, kHeight);
    Buffer *const buffer = capture_.imported();
    Frame *const frame = e.frame(buffer, 11);
    ASSERT_EQ(e.api->encode_put_frame(e.context, frame), Ret::Ok);
    auto [ret, coded] = e.get();
    ASSERT_TRUE(coded);
    EXPECT_EQ(coded->frame, frame);
    EXPECT_EQ(mpp_frame_get_pts(coded->frame), 11);
    mpp_frame_deinit(&coded->frame);
    mpp_buffer_put_with_caller(buffer, "test");
}

TEST_F(MppStandinFlow, TakesTwoTasksAndTwoMoreThenRefusesAfterTenMilliseconds)
{
    Encoder e{Coding::Avc, true};
    e.begin(kWidth, kHeight);
    Buffer *const buffer = capture_.imported();
    for (int i = 0; i < 4; ++i)
        ASSERT_EQ(give(e, buffer, i), Ret::Ok) << i;
    const auto begin = now();
    EXPECT_EQ(give(e, buffer, 4), Ret::Nok);
    EXPECT_GE(now() - begin, 10ms);
    for (int i = 0; i < 4; ++i)
        EXPECT_EQ(take(e).value_or(Coded{}).pts, i);
    EXPECT_EQ(give(e, buffer, 5), Ret::Ok);
    EXPECT_TRUE(take(e));
    mpp_buffer_put_with_caller(buffer, "test");
}

TEST_F(MppStandinFlow, TellsATimeoutInAsynchronousMode)
{
    Encoder e{Coding::Avc, true, 20};
    EXPECT_EQ(e.get().first, Ret::Timeout);
}

TEST_F(MppStandinFlow, ServesAControlAfterTheFramesThatWereQueuedBefore)
{
    const Variable delay{"STANDIN_DELAY_MS", "10"};
    Encoder e{Coding::Avc, true};
    e.begin(kWidth, kHeight);
    Buffer *const buffer = capture_.imported();
    give(e, buffer, 0);
    give(e, buffer, 1);
    EXPECT_EQ(e.control(Command::SetIdrFrame, nullptr), Ret::Ok);
    give(e, buffer, 2);
    EXPECT_TRUE(take(e).value_or(Coded{}).is_idr());
    EXPECT_FALSE(take(e).value_or(Coded{}).is_idr());
    EXPECT_TRUE(take(e).value_or(Coded{}).is_idr());
    mpp_buffer_put_with_caller(buffer, "test");
}

TEST_F(MppStandinFlow, AnswersTheEndWithAnEmptyPacketThatSaysSo)
{
    Encoder e;
    e.begin(kWidth, kHeight);
    EXPECT_FALSE(e.code(capture_).eos);
    EXPECT_EQ(e.put(nullptr, 9, true), Ret::Ok);
    const auto [ret, coded] = e.get();
    ASSERT_TRUE(coded);
    EXPECT_TRUE(coded->eos);
    EXPECT_TRUE(coded->bytes.empty());
    EXPECT_EQ(coded->pts, 9);
}

TEST_F(MppStandinFlow, BeginsWithAnIdrAfterAReset)
{
    Encoder e;
    e.begin(kWidth, kHeight);
    e.code(capture_);
    EXPECT_FALSE(e.code(capture_).is_idr());
    EXPECT_EQ(e.api->reset(e.context), Ret::Ok);
    EXPECT_TRUE(e.code(capture_).is_idr());
}

TEST_F(MppStandinFlow, GivesQueuedFramesBackUncodedWithAReset)
{
    const Variable delay{"STANDIN_DELAY_MS", "30"};
    Encoder e{Coding::Avc, true};
    e.begin(kWidth, kHeight);
    Buffer *const buffer = capture_.imported();
    for (int i = 0; i < 3; ++i)
        ASSERT_EQ(give(e, buffer, i), Ret::Ok);
    EXPECT_EQ(e.api->reset(e.context), Ret::Ok);
    int empty = 0;
    for (int i = 0; i < 3; ++i) {
        const auto coded = take(e);
        ASSERT_TRUE(coded);
        empty += coded->bytes.empty();
    }
    EXPECT_GE(empty, 2);
    mpp_buffer_put_with_caller(buffer, "test");
}

TEST_F(MppStandinFlow, JoinsItsThreadAndFreesWhatIsItsOwnAtTheEnd)
{
    Buffer *const buffer = capture_.imported();
    {
        const Variable delay{"STANDIN_DELAY_MS", "20"};
        Encoder e{Coding::Avc, true};
        e.begin(kWidth, kHeight);
        for (int i = 0; i < 4; ++i)
            ASSERT_EQ(give(e, buffer, i), Ret::Ok);
    }
    auto left = decltype(counts()){};
    left[MPP_STANDIN_BUFFERS] = 1;
    EXPECT_EQ(counts(), left);
    mpp_buffer_put_with_caller(buffer, "test");
}

TEST_F(MppStandinFlow, EndsTheProcessForASecondProducer)
{
    Encoder e;
    e.begin(kWidth, kHeight);
    EXPECT_DEATH(
        {
            e.code(capture_);
            std::thread{[&] { e.code(capture_); }}.join();
        },
        "encode_put_frame: called from a second thread");
}

TEST_F(MppStandinFlow, EncodesIntoAPacketThatTheFrameBrings)
{
    Encoder e;
    e.begin(kWidth, kHeight);
    Buffer *const buffer = capture_.imported();
    std::vector<uint8_t> memory(65536);
    Packet *mine = nullptr;
    ASSERT_EQ(mpp_packet_init(&mine, memory.data(), memory.size()), Ret::Ok);
    Frame *frame = e.frame(buffer, 3);
    mpp_meta_set_packet(mpp_frame_get_meta(frame), MetaKey::OutputPacket, mine);
    ASSERT_EQ(e.api->encode_put_frame(e.context, frame), Ret::Ok);
    Packet *got = nullptr;
    ASSERT_EQ(e.api->encode_get_packet(e.context, &got), Ret::Ok);
    EXPECT_EQ(got, mine);
    EXPECT_EQ(mpp_packet_get_pos(got), memory.data());
    EXPECT_GT(mpp_packet_get_length(got), 100u);
    mpp_frame_deinit(&frame);
    mpp_packet_deinit(&got);
    mpp_buffer_put_with_caller(buffer, "test");
}

} // namespace
