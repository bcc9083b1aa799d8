// SPDX-License-Identifier: LGPL-2.1-or-later
/// What is done with a session that loses pictures, gets stuck or hangs, and with settings that
/// change; the session is one of the tests' own.
#include "plugins/venc/encoder.h"

#include <atomic>
#include <future>
#include <gtest/gtest.h>
#include <thread>
#include <utility>

using namespace panto;
using namespace panto::venc;
using namespace std::chrono_literals;

namespace
{

/// What the sessions of one test do, and what was done to them.
struct Script {
    std::function<Encoded(int picture)> encode = [](int) { return Packet{{1}, false, false, 20}; };
    std::function<Result<Capabilities>()> open = [] { return Capabilities{}; };
    std::function<Result<>()> configure = [] { return ok; };
    std::atomic<int> made{0}, ended{0}, pictures{0}, configured{0}, idrs{0};
    std::atomic<unsigned> bitrate{0};
    std::vector<unsigned> adjusted; // the thread's own until it is done
};

class FakeSession : public Session
{
public:
    explicit FakeSession(Script &script) : script_{script} { ++script_.made; }
    ~FakeSession() override { ++script_.ended; }

    Result<Capabilities> open(Codec) override { return script_.open(); }
    Result<> configure(const Video &, const Settings &s) override
    {
        ++script_.configured;
        script_.bitrate = s.bitrate_kbps;
        return script_.configure();
    }
    void adjust(const Settings &s) override { script_.adjusted.push_back(s.bitrate_kbps); }
    void request_idr() override { ++script_.idrs; }
    Encoded encode(const Picture &) override { return script_.encode(script_.pictures++); }

private:
    Script &script_;
};

class VencEncoder : public testing::Test
{
protected:
    explicit VencEncoder(std::chrono::milliseconds limit = 10s) : limit_{limit} {}

    void start()
    {
        ASSERT_TRUE(encoder_.open(Codec::H264));
        ASSERT_TRUE(encoder_.configure({}, settings_));
    }

    template <class T>
    bool gives(bool idr = false)
    {
        last_ = encoder_.encode({}, settings_, idr);
        return std::holds_alternative<T>(last_);
    }

    std::string error() const
    {
        const auto *ended = std::get_if<Ended>(&last_);
        return ended ? ended->error.message : "none";
    }

    /// One that was left behind ends when what it hangs in is over.
    void wait_until_all_have_ended()
    {
        const auto limit = std::chrono::steady_clock::now() + 5s;
        while (script_.ended != script_.made && std::chrono::steady_clock::now() < limit)
            std::this_thread::yield();
        EXPECT_EQ(script_.ended, script_.made);
    }

    ~VencEncoder() override
    {
        go_on_.set_value();
        encoder_.close();
        wait_until_all_have_ended();
    }

    static Failed lost() { return {{Kind::Internal, "lost"}, false}; }
    static Failed stuck() { return {{Kind::Busy, "stuck"}, true}; }

    Time now_{};
    Settings settings_;
    Script script_;
    std::promise<void> go_on_;
    const std::shared_future<void> hang_ = go_on_.get_future().share();
    const std::chrono::milliseconds limit_;
    Encoder encoder_{[this]() -> Result<std::unique_ptr<Session>> {
                         return std::unique_ptr<Session>{std::make_unique<FakeSession>(script_)};
                     },
                     {limit_, limit_},
                     [this] { return now_; }};
    Outcome last_;
};

/// With a limit that is worth waiting for.
class VencEncoderThatHangs : public VencEncoder
{
protected:
    VencEncoderThatHangs() : VencEncoder{300ms} {}
};

} // namespace

TEST_F(VencEncoder, AsksForAKeyFrameAfterALostPicture)
{
    script_.encode = [](int n) -> Encoded {
        if (n == 1)
            return lost();
        return Packet{};
    };
    start();
    EXPECT_TRUE(gives<Packet>());
    EXPECT_TRUE(gives<Failed>());
    EXPECT_EQ(script_.idrs, 0);
    EXPECT_TRUE(gives<Packet>());
    EXPECT_EQ(script_.idrs, 1);
    EXPECT_TRUE(gives<Packet>());
    EXPECT_EQ(script_.idrs, 1);
    EXPECT_EQ(script_.made, 1);
}

TEST_F(VencEncoder, AsksAgainForAKeyFrameThatTheRateControlLeftOut)
{
    script_.encode = [](int n) -> Encoded {
        if (n == 0)
            return Dropped{};
        return Packet{};
    };
    start();
    EXPECT_TRUE(gives<Dropped>(true));
    EXPECT_TRUE(gives<Packet>());
    EXPECT_EQ(script_.idrs, 2);
}

TEST_F(VencEncoder, OpensASessionThatIsStuckAnewAndEncodesThePictureThere)
{
    script_.encode = [](int n) -> Encoded {
        if (n == 0)
            return stuck();
        return Packet{};
    };
    start();
    EXPECT_TRUE(gives<Packet>());
    EXPECT_EQ(script_.made, 2);
    EXPECT_EQ(script_.ended, 1);
    EXPECT_EQ(encoder_.stats().figures().reopened, 1u);
}

TEST_F(VencEncoder, EndsWhenTheSessionOpenedAnewIsStuck)
{
    script_.encode = [](int) -> Encoded { return stuck(); };
    start();
    EXPECT_TRUE(gives<Ended>());
    EXPECT_EQ(error(), "stuck");
    EXPECT_EQ(script_.made, 2);
    EXPECT_EQ(script_.ended, 2);
}

TEST_F(VencEncoder, EndsWhenItCannotBeOpenedAnew)
{
    script_.encode = [](int) -> Encoded { return stuck(); };
    start();
    script_.open = []() -> Result<Capabilities> { return Error{Kind::Unavailable, "gone"}; };
    EXPECT_TRUE(gives<Ended>());
    EXPECT_EQ(error(), "gone");
}

TEST_F(VencEncoder, OpensAnewOnceMoreWhenItWentWellForAWhile)
{
    script_.encode = [](int n) -> Encoded {
        if (n == 0 || n == 31 || n == 40)
            return stuck();
        return Packet{};
    };
    start();
    for (int i = 0; i < 38; ++i)
        ASSERT_TRUE(gives<Packet>()) << i;
    EXPECT_EQ(script_.made, 3);
    EXPECT_TRUE(gives<Ended>()) << "only eight pictures went well";
}

TEST_F(VencEncoderThatHangs, EndsAtOnceWhenTheSessionHangs)
{
    script_.encode = [this](int) -> Encoded {
        hang_.wait();
        return Packet{};
    };
    start();
    EXPECT_TRUE(gives<Ended>());
    EXPECT_EQ(error(), "the encoder hangs");
    EXPECT_EQ(script_.ended, 0) << "it is left behind";
    EXPECT_TRUE(gives<Ended>()) << "until it is opened again";
}

TEST_F(VencEncoderThatHangs, KeepsWhatASessionThatHangsMayStillRead)
{
    auto memory = std::make_shared<int>(1);
    std::weak_ptr<int> alive = memory;
    script_.encode = [this](int) -> Encoded {
        hang_.wait();
        return Packet{};
    };
    start();
    Picture picture;
    picture.memory = std::move(memory);
    last_ = encoder_.encode(std::exchange(picture, {}), settings_, false);
    EXPECT_FALSE(alive.expired());
}

TEST_F(VencEncoderThatHangs, CanBeOpenedAgainAfterAHang)
{
    script_.encode = [this](int n) -> Encoded {
        if (n == 0)
            hang_.wait();
        return Packet{};
    };
    start();
    EXPECT_TRUE(gives<Ended>());
    start();
    EXPECT_TRUE(gives<Packet>());
}

TEST_F(VencEncoderThatHangs, SaysThatItHangsWhileItIsOpenedOrConfigured)
{
    script_.configure = [this] {
        hang_.wait();
        return ok;
    };
    ASSERT_TRUE(encoder_.open(Codec::H264));
    const auto configured = encoder_.configure({}, settings_);
    ASSERT_FALSE(configured);
    EXPECT_EQ(configured.error().message, "the encoder hangs while it is configured");
    script_.open = [this]() -> Result<Capabilities> {
        hang_.wait();
        return Capabilities{};
    };
    const auto opened = encoder_.open(Codec::H264);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().message, "the encoder hangs while it is opened");
}

TEST_F(VencEncoder, BringsSettingsIntoForceAtMostFourTimesASecond)
{
    start();
    now_ += 1s;
    for (unsigned kbps = 1000; kbps < 1100; ++kbps) { // a slider that is drawn for a second
        settings_.bitrate_kbps = kbps;
        EXPECT_TRUE(gives<Packet>());
        now_ += 10ms;
    }
    now_ += 250ms;
    EXPECT_TRUE(gives<Packet>());
    EXPECT_TRUE(gives<Packet>());
    EXPECT_EQ(script_.adjusted, (std::vector<unsigned>{1000, 1025, 1050, 1075, 1099}));
}

TEST_F(VencEncoder, ConfiguresTheSessionOpenedAnewWithTheSettingsInForce)
{
    script_.encode = [](int n) -> Encoded {
        if (n == 1)
            return stuck();
        return Packet{};
    };
    start();
    EXPECT_TRUE(gives<Packet>());
    now_ += 1s;
    settings_.bitrate_kbps = 1234;
    EXPECT_TRUE(gives<Packet>());
    EXPECT_EQ(script_.configured, 2);
    EXPECT_EQ(script_.bitrate, 1234u);
}

TEST_F(VencEncoder, TellsItsFiguresToAnyThreadMeanwhile)
{
    start();
    std::atomic<bool> done{false};
    std::thread reader{[&] {
        while (!done)
            EXPECT_LE(encoder_.stats().figures().frames, 500u);
    }};
    for (int i = 0; i < 500; ++i)
        EXPECT_TRUE(gives<Packet>());
    done = true;
    reader.join();
    EXPECT_EQ(encoder_.stats().figures().frames, 500u);
    EXPECT_EQ(encoder_.stats().figures().average_qp, 20);
}

TEST(VencStats, GiveTheTimesOfTheLastPicturesAndTheLongestOfAll)
{
    Stats stats;
    stats.note_frame(9s, true, false, 30);
    for (int us = 1; us <= 600; ++us)
        stats.note_frame(std::chrono::microseconds{us}, false, us % 2 == 0, {});
    const auto f = stats.figures();
    EXPECT_EQ(f.frames, 601u);
    EXPECT_EQ(f.idr, 1u);
    EXPECT_EQ(f.copies, 300u);
    EXPECT_EQ(f.encode_p50_us, 300u);
    EXPECT_EQ(f.encode_p95_us, 570u);
    EXPECT_EQ(f.encode_max_us, 9'000'000u);
}
