// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/storage/downloads.h"
#include "tests/fakes/loop.h"
#include "tests/fakes/stuck_lane.h"
#include "tests/unit/loop.h"
#include "tests/unit/temp_dir.h"

#include <filesystem>
#include <gtest/gtest.h>

using namespace panto;
using namespace panto::storage;
using State = Downloads::State;

namespace
{

constexpr char kUrl[] = "http://server/disc.iso";
constexpr char kSumOfAbc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

/// Downloads from a server that the test plays.
class DownloadsTest : public testing::Test
{
protected:
    DownloadsTest()
    {
        downloads.fetch = [this](fetch::Wish w, fetch::Events e) -> fetch::Transfer {
            wish = std::move(w);
            events = std::move(e);
            ++requests;
            return std::shared_ptr<void>{this, [this](void *) { ++ended; }};
        };
    }
    void head(uint64_t size, const std::string &tag = "\"one\"")
    {
        reading = false;
        events.on_head(fetch::Head{.size_bytes = size, .validator = tag, .ranges = true},
                       [this] { reading = true; });
    }
    void head_without_size(bool end_shows)
    {
        reading = false;
        fetch::Head one{.validator = "\"one\"", .ranges = true};
        one.end_shows = end_shows;
        events.on_head(one, [this] { reading = true; });
    }
    void send(const std::string &bytes)
    {
        bool taken = false;
        events.on_part(bytes, [&] { taken = true; });
        EXPECT_TRUE(run_until([&] { return taken; }));
    }
    void becomes(State state)
    {
        EXPECT_TRUE(run_until([&] { return downloads.status().state == state; }))
            << downloads.status().reason;
    }
    size_t parts() const
    {
        size_t n = 0;
        std::error_code none;
        for (auto &entry : std::filesystem::directory_iterator{dir.path + "/data/.parts", none})
            n += entry.is_regular_file();
        return n;
    }

    TempDir dir;
    fetch::Wish wish;
    fetch::Events events;
    bool reading = false;
    int requests = 0, ended = 0;
    std::shared_ptr<const Library> library =
        std::make_shared<Library>(dir.path + "/data", Library::Limits{});
    Uploads uploads{library};
    Downloads downloads{uploads};
};

} // namespace

TEST_F(DownloadsTest, MakeAnImageOfWhatComes)
{
    ASSERT_TRUE(downloads.start(kUrl, ""));
    EXPECT_EQ(wish.url, kUrl);
    EXPECT_EQ(wish.offset, 0u);
    EXPECT_EQ(downloads.status().percentage, "") << "its size is not known yet";
    head(6);
    ASSERT_TRUE(run_until([&] { return reading; }));
    send("abc");
    EXPECT_EQ(downloads.status().percentage, "50.00%");
    send("def");
    events.on_end(ok);
    becomes(State::Success);
    EXPECT_TRUE(library->has("disc.iso"));
}

TEST_F(DownloadsTest, TakeAFileWhoseSizeNobodySays)
{
    ASSERT_TRUE(downloads.start(kUrl, ""));
    head_without_size(true);
    ASSERT_TRUE(run_until([&] { return reading; }));
    send("abcdef");
    EXPECT_EQ(downloads.status().percentage, "");
    events.on_end(ok);
    becomes(State::Success);
    EXPECT_TRUE(library->has("disc.iso"));
    EXPECT_EQ(parts(), 0u);
}

TEST_F(DownloadsTest, KeepNothingOfSuchAFileThatBreaksOff)
{
    ASSERT_TRUE(downloads.start(kUrl, ""));
    head_without_size(true);
    ASSERT_TRUE(run_until([&] { return reading; }));
    send("abc");
    events.on_end(Error{Kind::Unavailable, "broke"});
    becomes(State::Failed);
    EXPECT_EQ(requests, 1) << "it cannot be gone on with";
    EXPECT_TRUE(run_until([&] { return parts() == 0; }));
}

TEST_F(DownloadsTest, WantTheSumOfAFileWhoseEndMayBeABrokenConnection)
{
    ASSERT_TRUE(downloads.start(kUrl, ""));
    head_without_size(false);
    becomes(State::Failed);
    EXPECT_NE(downloads.status().reason.find("give its sha256sum"), std::string::npos);
    ASSERT_TRUE(downloads.start(kUrl, kSumOfAbc));
    head_without_size(false);
    ASSERT_TRUE(run_until([&] { return reading; }));
    send("ab"); // and then it broke
    events.on_end(ok);
    becomes(State::ChecksumFailed);
    EXPECT_FALSE(library->has("disc.iso"));
}

TEST_F(DownloadsTest, RefuseAnotherWhileOneRuns)
{
    ASSERT_TRUE(downloads.start(kUrl, ""));
    auto second = downloads.start("http://server/other.iso", "");
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, Kind::Busy);
    EXPECT_EQ(second.error().message, "download in progress");
}

TEST_F(DownloadsTest, FailWhenTheConnectionBreaksAndNothingTellsThatTheFileIsTheSame)
{
    ASSERT_TRUE(downloads.start(kUrl, ""));
    head(6, "");
    ASSERT_TRUE(run_until([&] { return reading; }));
    send("abc");
    events.on_end(Error{Kind::Unavailable, "broke"});
    becomes(State::Failed);
    EXPECT_EQ(downloads.status().reason, "broke");
    EXPECT_EQ(requests, 1);
    EXPECT_TRUE(run_until([&] { return parts() == 0; }));
}

TEST_F(DownloadsTest, EndTheRequestAndRemoveWhatCameWhenCancelled)
{
    ASSERT_TRUE(downloads.start(kUrl, ""));
    head(6);
    ASSERT_TRUE(run_until([&] { return reading; }));
    send("abc");
    bool done = false;
    downloads.cancel([&](Result<> r) { done = bool(r); });
    EXPECT_EQ(ended, 1);
    EXPECT_TRUE(run_until([&] { return done; }));
    EXPECT_EQ(downloads.status().state, State::Idle);
    EXPECT_EQ(parts(), 0u);
}

TEST_F(DownloadsTest, CanBeCancelledWhileTheyBegin)
{
    ASSERT_TRUE(downloads.start(kUrl, ""));
    head(6); // a part is being made
    bool done = false;
    downloads.cancel([&](Result<> r) { done = bool(r); });
    EXPECT_TRUE(run_until([&] { return done; }));
    EXPECT_FALSE(reading);
    EXPECT_EQ(parts(), 0u);
    EXPECT_TRUE(uploads.all().empty());
}

TEST_F(DownloadsTest, SayThatACancelTakesTooLongWhileTheDiskIsSilent)
{
    ASSERT_TRUE(downloads.start(kUrl, ""));
    head(6);
    ASSERT_TRUE(run_until([&] { return reading; }));
    StuckLane disk{Lane::Images};
    events.on_part("abc", [] {});
    std::optional<Error> why;
    downloads.cancel([&](Result<> r) { why = r ? Error{Kind::Internal, "done"} : r.error(); });
    Loop::run();
    EXPECT_FALSE(why);
    Loop::fire_timers();
    ASSERT_TRUE(why);
    EXPECT_EQ(why->message, "cancel download timed out");
    disk.go_on();
    becomes(State::Idle);
    EXPECT_TRUE(run_until([&] { return parts() == 0; }));
}

TEST_F(DownloadsTest, HaveNothingToCancelBeforeAndAfter)
{
    std::optional<Error> why;
    downloads.cancel([&](Result<> r) { why = r.error(); });
    ASSERT_TRUE(why);
    EXPECT_EQ(why->message, "no cancellable download in progress");
}
