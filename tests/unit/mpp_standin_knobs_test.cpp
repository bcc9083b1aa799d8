// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/unit/mpp_decode.h"

#include <chrono>
#include <dlfcn.h>
#include <fstream>
#include <future>

using namespace panto::mpp;
using namespace panto::mpp::test;
using namespace std::chrono_literals;

namespace
{

constexpr int kWidth = 320, kHeight = 240;

class MppStandinKnobs : public testing::Test
{
protected:
    void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
    void TearDown() override { EXPECT_EQ(counts(), decltype(counts()){}) << "objects are left"; }

    const Picture sent_{kWidth, kHeight};
    const Capture capture_{sent_.nv12()};
};

/// What a program finds that loads the library.
void *symbol(const char *name)
{
    Dl_info info;
    EXPECT_NE(dladdr(reinterpret_cast<void *>(&mpp_standin_counts), &info), 0);
    void *const library = dlopen(info.dli_fname, RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD);
    EXPECT_NE(library, nullptr);
    void *const found = dlsym(library, name);
    dlclose(library);
    return found;
}

TEST_F(MppStandinKnobs, TakesAnotherTimeForEachFrameWithJitter)
{
    const Variable jitter{"STANDIN_JITTER_MS", "60"};
    Encoder e;
    e.begin(kWidth, kHeight);
    auto least = 10000ms, most = 0ms;
    for (int i = 0; i < 8; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        e.code(capture_);
        const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
            std::chrono::steady_clock::now() - begin);
        least = std::min(least, took);
        most = std::max(most, took);
    }
    EXPECT_GT(most - least, 10ms);
}

TEST_F(MppStandinKnobs, FailsEveryNthFrameAndGoesOnWithAnIdr)
{
    const Variable fail{"STANDIN_FAIL_EVERY", "3"};
    Encoder e;
    e.begin(kWidth, kHeight);
    Decoder decoder;
    for (int i = 1; i <= 7; ++i) {
        const Coded coded = e.code(capture_, i);
        EXPECT_EQ(coded.pts, i);
        EXPECT_EQ(coded.bytes.empty(), i % 3 == 0) << i;
        EXPECT_EQ(coded.has_meta, i % 3 != 0) << i;
        EXPECT_EQ(coded.is_idr(), i % 3 == 1) << i;
        if (!coded.bytes.empty()) {
            EXPECT_GT(psnr(decoder.decode(coded.bytes), sent_), 30);
        }
    }
}

TEST_F(MppStandinKnobs, KeepsTheFrameThatFailedInAsynchronousMode)
{
    const Variable fail{"STANDIN_FAIL_EVERY", "2"};
    Encoder e{Coding::Avc, true};
    e.begin(kWidth, kHeight);
    Buffer *const buffer = capture_.imported();
    for (const bool fails : {false, true}) {
        Frame *const frame = e.frame(buffer, 0);
        ASSERT_EQ(e.api->encode_put_frame(e.context, frame), Ret::Ok);
        auto coded = e.get().second.value_or(Coded{});
        EXPECT_EQ(coded.frame, fails ? nullptr : frame);
        Frame *mine = frame; // who knows it by its time may still give it back
        mpp_frame_deinit(&mine);
    }
    mpp_buffer_put_with_caller(buffer, "test");
}

TEST_F(MppStandinKnobs, HangsAtAFrameUntilReleased)
{
    const Variable hang{"STANDIN_HANG_AT", "2"};
    Encoder e;
    e.begin(kWidth, kHeight);
    auto second = std::async(std::launch::async, [&] {
        EXPECT_FALSE(e.code(capture_).bytes.empty());
        return e.code(capture_);
    });
    EXPECT_EQ(second.wait_for(200ms), std::future_status::timeout);
    while (second.wait_for(10ms) == std::future_status::timeout)
        mpp_standin_release_hangs();
    EXPECT_TRUE(second.get().bytes.empty());
}

TEST_F(MppStandinKnobs, DropsEveryNthFrameAndTheRestStillDecodes)
{
    const Variable drop{"STANDIN_DROP_EVERY", "2"};
    Encoder e;
    e.begin(kWidth, kHeight);
    Decoder decoder;
    for (int i = 1; i <= 8; ++i) {
        const Picture sent{kWidth, kHeight, i};
        const Coded coded = e.code(Capture{sent.nv12()});
        EXPECT_EQ(coded.bytes.empty(), i % 2 == 0) << i;
        EXPECT_EQ(coded.intra, i == 1 ? 1 : 0) << i;
        if (!coded.bytes.empty()) {
            EXPECT_GT(psnr(decoder.decode(coded.bytes), sent), 30) << i;
        }
    }
}

TEST_F(MppStandinKnobs, RefusesEveryNthPutWhichMayBeTriedAgain)
{
    const Variable busy{"STANDIN_PUT_BUSY_EVERY", "2"};
    Encoder e;
    e.begin(kWidth, kHeight);
    Buffer *const buffer = capture_.imported();
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(e.put(buffer, i), Ret::Ok);
        EXPECT_EQ(e.put(buffer, i), Ret::Nok);
        EXPECT_EQ(e.get().second.value_or(Coded{}).pts, i);
    }
    mpp_buffer_put_with_caller(buffer, "test");
}

TEST_F(MppStandinKnobs, KeepsTheLastOfSeveralJpegsUntilTheNextPut)
{
    const Variable stall{"STANDIN_STALL", "1"};
    Encoder e{Coding::Mjpeg, true, 100};
    e.begin(kWidth, kHeight);
    Buffer *const buffer = capture_.imported();
    const auto put = [&](int64_t pts) {
        EXPECT_EQ(e.api->encode_put_frame(e.context, e.frame(buffer, pts)), Ret::Ok);
    };
    const auto get = [&] {
        auto [ret, coded] = e.get();
        if (coded)
            mpp_frame_deinit(&coded->frame);
        return coded ? int(coded->pts) : int(ret);
    };
    put(1);
    EXPECT_EQ(get(), 1) << "one in flight never stalls";
    put(2);
    put(3);
    EXPECT_EQ(get(), 2);
    EXPECT_EQ(get(), int(Ret::Timeout));
    put(4);
    EXPECT_EQ(get(), 3);
    mpp_buffer_put_with_caller(buffer, "test");
}

TEST_F(MppStandinKnobs, FailsToBeginWithWhatItIsTold)
{
    const Variable init{"STANDIN_INIT", "-1003"};
    Context *context = nullptr;
    Api *api = nullptr;
    ASSERT_EQ(mpp_create(&context, &api), Ret::Ok);
    EXPECT_EQ(mpp_init(context, CtxType::Encoder, Coding::Avc), Ret::CodecInit);
    EXPECT_EQ(mpp_destroy(context), Ret::Ok);
}

TEST_F(MppStandinKnobs, IgnoresTheControlForAnIdrWhereAnotherGroupStillMakesOne)
{
    const Variable ignore{"STANDIN_IGNORE_IDR", "1"};
    Encoder e;
    e.begin(kWidth, kHeight);
    e.code(capture_);
    EXPECT_EQ(e.control(Command::SetIdrFrame, nullptr), Ret::Ok);
    EXPECT_FALSE(e.code(capture_).is_idr());
    ASSERT_EQ(e.set({{"rc:gop", 1}}), Ret::Ok);
    EXPECT_TRUE(e.code(capture_).is_idr());
}

TEST_F(MppStandinKnobs, TakesTheRequestForAnIdrFromTheFrameOnlyInItsLaterVersions)
{
    for (const bool later : {false, true}) {
        const Variable ignore{"STANDIN_IGNORE_IDR", later ? "2" : "1"};
        Encoder e;
        e.begin(kWidth, kHeight);
        e.code(capture_);
        Buffer *const buffer = capture_.imported();
        Frame *frame = e.frame(buffer, 0);
        EXPECT_EQ(mpp_meta_set_s32(mpp_frame_get_meta(frame), MetaKey::InputIdrReq, 1),
                  later ? Ret::Ok : Ret::Nok);
        EXPECT_EQ(e.api->encode_put_frame(e.context, frame), Ret::Ok);
        EXPECT_EQ(e.get().second.value_or(Coded{}).is_idr(), later);
        mpp_frame_deinit(&frame);
        mpp_buffer_put_with_caller(buffer, "test");
    }
}

TEST_F(MppStandinKnobs, MakesAnIdrAsLargeAsItIsTold)
{
    const Variable big{"STANDIN_BIG_IDR", "70000"};
    Encoder e;
    e.begin(kWidth, kHeight);
    const Coded coded = e.code(capture_);
    EXPECT_EQ(coded.bytes.size(), 70000u);
    EXPECT_GT(psnr(Decoder{}.decode(coded.bytes), sent_), 30);
    EXPECT_LT(e.code(capture_).bytes.size(), 20000u) << "no IDR";
}

TEST_F(MppStandinKnobs, FailsAnIdrThatIsLargerThanAPacketAndTriesAgain)
{
    const Variable big{"STANDIN_BIG_IDR", std::to_string(kWidth * kHeight + 1)};
    Encoder e;
    e.begin(kWidth, kHeight);
    for (int i = 0; i < 3; ++i) {
        const Coded coded = e.code(capture_);
        EXPECT_TRUE(coded.bytes.empty());
        EXPECT_FALSE(coded.has_meta);
    }
}

TEST_F(MppStandinKnobs, OffersEveryFunctionOfTheList)
{
#define STANDIN_OFFERS(need, ret, name, args) EXPECT_NE(symbol(#name), nullptr) << #name;
    PANTO_MPP_FUNCTIONS(STANDIN_OFFERS)
#undef STANDIN_OFFERS
}

TEST_F(MppStandinKnobs, HidesTheFunctionsThatAreMissingAndOffersThemAgain)
{
    {
        const Variable missing{"STANDIN_MISSING", "mpp_create,mpp_buffer_group_limit_config"};
        mpp_standin_offer();
        EXPECT_EQ(symbol("mpp_create"), nullptr);
        EXPECT_EQ(symbol("mpp_buffer_group_limit_config"), nullptr);
        EXPECT_NE(symbol("mpp_init"), nullptr);
    }
    mpp_standin_offer();
    EXPECT_NE(symbol("mpp_create"), nullptr);
    EXPECT_NE(symbol("mpp_buffer_group_limit_config"), nullptr);
}

TEST_F(MppStandinKnobs, HidesThemFromTheBeginning)
{
    const Variable missing{"STANDIN_MISSING", "mpp_buffer_group_limit_config"};
    EXPECT_EXIT(exit(symbol("mpp_buffer_group_limit_config") ? 1 : 0), testing::ExitedWithCode(0),
                "");
}

TEST_F(MppStandinKnobs, NeedsNoWritingBackWhereThereIsNoFunctionForIt)
{
    const Variable no_sync{"STANDIN_NO_SYNC", "1"};
    mpp_standin_offer();
    EXPECT_EQ(symbol("mpp_buffer_sync_begin_f"), nullptr);
    EXPECT_EQ(symbol("mpp_buffer_sync_end_f"), nullptr);
    Buffer *buffer = nullptr;
    const auto bytes = sent_.nv12();
    ASSERT_EQ(mpp_buffer_get_with_tag(nullptr, &buffer, bytes.size(), "t", "t"), Ret::Ok);
    memcpy(mpp_buffer_get_ptr_with_caller(buffer, "t"), bytes.data(), bytes.size());
    Encoder e;
    e.begin(kWidth, kHeight);
    EXPECT_GT(psnr(Decoder{}.decode(e.code(buffer).bytes), sent_), 30);
    mpp_buffer_put_with_caller(buffer, "t");
    unsetenv("STANDIN_NO_SYNC");
    mpp_standin_offer();
    EXPECT_NE(symbol("mpp_buffer_sync_end_f"), nullptr);
}

TEST_F(MppStandinKnobs, LogsEachCallInItsOrder)
{
    const std::string name = testing::TempDir() + "standin-" + std::to_string(getpid()) + ".log";
    {
        const Variable log{"STANDIN_LOG", name};
        Encoder e;
        e.begin(kWidth, kHeight);
        e.code(capture_, 5);
    }
    {
        const Encoder silent;
    } // the log is closed
    std::ifstream file{name};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    size_t at = 0;
    for (const char *const line :
         {"create\n", "control SET_OUTPUT_TIMEOUT 200\n", "init type=1 coding=0x7\n", "cfg_init\n",
          "control GET_CFG\n", "cfg_set rc:gop 0\n", "control SET_CFG = 0 idr\n",
          "control SET_SEI_CFG 0\n", "control SET_HEADER_MODE 1\n",
          "buffer_import fd=", "put pts=5\n", "get pts=5 length=", "cfg_deinit\n", "destroy\n"}) {
        at = text.find(line, at);
        ASSERT_NE(at, std::string::npos) << line << "in:\n" << text;
    }
    EXPECT_EQ(text.find("create", at), std::string::npos);
    unlink(name.c_str());
}

} // namespace
