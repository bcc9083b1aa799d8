// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/storage/uploads.h"
#include "tests/fakes/loop.h"
#include "tests/fakes/stuck_lane.h"
#include "tests/unit/loop.h"
#include "tests/unit/temp_dir.h"

#include <cerrno>
#include <gtest/gtest.h>

using namespace panto;
using namespace panto::storage;

namespace
{

std::string sum_of(const std::string &bytes)
{
    char *hex =
        g_compute_checksum_for_string(G_CHECKSUM_SHA256, bytes.data(), gssize(bytes.size()));
    std::string out = hex;
    g_free(hex);
    return out;
}

class UploadsTest : public testing::Test
{
protected:
    Result<Progress> begin(const std::string &name, uint64_t size, const std::string &sum = "")
    {
        std::optional<Result<Progress>> answer;
        uploads->begin({name, size, sum}, [&](Result<Progress> p) { answer = std::move(p); });
        EXPECT_TRUE(run_until([&] { return answer.has_value(); }));
        return std::move(*answer);
    }
    Result<Progress> begin_anew(const std::string &name, uint64_t size)
    {
        std::optional<Result<Progress>> answer;
        uploads->begin_anew({name, size, ""}, [&](Result<Progress> p) { answer = std::move(p); });
        EXPECT_TRUE(run_until([&] { return answer.has_value(); }));
        return std::move(*answer);
    }
    void take(Uploads::Writer &writer, const std::string &bytes)
    {
        bool taken = false;
        writer.take(bytes, [&] { taken = true; });
        EXPECT_TRUE(run_until([&] { return taken; }));
    }
    Result<Progress> finish(Uploads::Writer &writer)
    {
        std::optional<Result<Progress>> answer;
        writer.finish([&](Result<Progress> p) { answer = std::move(p); });
        EXPECT_TRUE(run_until([&] { return answer.has_value(); }));
        return std::move(*answer);
    }
    Result<Progress> send(const std::string &id, uint64_t offset, const std::string &bytes)
    {
        auto writer = uploads->write(id, offset);
        if (!writer)
            return std::move(writer.error());
        take(**writer, bytes);
        return finish(**writer);
    }
    static void settle()
    {
        EXPECT_TRUE(offload_drain(std::chrono::seconds{30}));
        Loop::run();
    }
    void wait_until_free(const std::string &id)
    {
        EXPECT_TRUE(run_until([&] { return !uploads->find(id)->busy; }));
    }
    void restart()
    {
        uploads.reset();
        uploads = std::make_unique<Uploads>(library, [this] { return now; });
    }
    std::string image(const std::string &name) const
    {
        std::ifstream file{dir.path + "/data/" + name, std::ios::binary};
        return {std::istreambuf_iterator<char>{file}, {}};
    }
    size_t parts() const
    {
        size_t n = 0;
        for (auto &entry : std::filesystem::directory_iterator{dir.path + "/data/.parts"})
            n += entry.is_regular_file();
        return n;
    }

    TempDir dir;
    int64_t now = g_get_real_time() / G_USEC_PER_SEC;
    std::shared_ptr<const Library> library =
        std::make_shared<Library>(dir.path + "/data", Library::Limits{});
    std::unique_ptr<Uploads> uploads = std::make_unique<Uploads>(library, [this] { return now; });
};

} // namespace

TEST_F(UploadsTest, MakeAnImageOfBytesThatCameInParts)
{
    const std::string bytes = std::string(3000, 'a') + std::string(2000, 'b');
    auto upload = begin("a.iso", bytes.size(), sum_of(bytes));
    ASSERT_TRUE(upload);
    auto half = send(upload->id, 0, bytes.substr(0, 3000));
    ASSERT_TRUE(half);
    EXPECT_EQ(half->stored_bytes, 3000u);
    EXPECT_FALSE(half->whole);
    EXPECT_TRUE(library->list()->empty()) << "no image before it is whole";
    auto whole = send(upload->id, 3000, bytes.substr(3000));
    ASSERT_TRUE(whole) << whole.error().message;
    EXPECT_TRUE(whole->whole);
    EXPECT_EQ(image("a.iso"), bytes);
    EXPECT_EQ(parts(), 0u);
    EXPECT_TRUE(uploads->all().empty());
}

TEST_F(UploadsTest, GoOnWhereTheyWereInterrupted)
{
    const std::string bytes(5000, 'x');
    auto upload = begin("a.iso", bytes.size(), sum_of(bytes));
    {
        auto writer = uploads->write(upload->id, 0);
        ASSERT_TRUE(writer);
        take(**writer, bytes.substr(0, 1234));
    } // the peer went away
    wait_until_free(upload->id);
    auto again = begin("a.iso", bytes.size(), sum_of(bytes));
    EXPECT_EQ(again->id, upload->id);
    EXPECT_EQ(again->stored_bytes, 1234u);
    EXPECT_TRUE(send(upload->id, 1234, bytes.substr(1234))->whole);
    EXPECT_EQ(image("a.iso"), bytes);
}

TEST_F(UploadsTest, KeepWhatWasBeingStoredWhenThePeerWentAway)
{
    auto upload = begin("a.iso", 5000);
    {
        auto writer = uploads->write(upload->id, 0);
        (*writer)->take(std::string(1000, 'x'), [] {});
    }
    wait_until_free(upload->id);
    EXPECT_EQ(uploads->find(upload->id)->stored_bytes, 1000u);
}

TEST_F(UploadsTest, GoOnAfterARestart)
{
    const std::string bytes = std::string(3000, 'a') + std::string(2000, 'b');
    auto upload = begin("a.iso", bytes.size(), sum_of(bytes));
    ASSERT_TRUE(send(upload->id, 0, bytes.substr(0, 3000)));
    restart();
    auto found = uploads->find(upload->id);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->stored_bytes, 3000u);
    EXPECT_EQ(found->announcement.name, "a.iso");
    EXPECT_TRUE(send(upload->id, 3000, bytes.substr(3000))->whole)
        << "the sum covers what was stored before";
}

TEST_F(UploadsTest, CountNothingThatWasNotSynced)
{
    auto upload = begin("a.iso", 5000);
    ASSERT_TRUE(send(upload->id, 0, std::string(1000, 'x')));
    std::ofstream{dir.path + "/data/.parts/" + upload->id, std::ios::app} << "never synced";
    restart();
    EXPECT_EQ(uploads->find(upload->id)->stored_bytes, 1000u);
    EXPECT_EQ(std::filesystem::file_size(dir.path + "/data/.parts/" + upload->id), 1000u);
}

TEST_F(UploadsTest, RefuseAnOffsetThatIsNotTheNext)
{
    auto upload = begin("a.iso", 5000);
    ASSERT_TRUE(send(upload->id, 0, "12345"));
    for (const uint64_t offset : {uint64_t{0}, uint64_t{4}, uint64_t{6}, UINT64_MAX}) {
        auto refused = uploads->write(upload->id, offset);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, ERANGE);
    }
}

TEST_F(UploadsTest, TakeOneSenderAtATime)
{
    auto upload = begin("a.iso", 5000);
    auto writer = uploads->write(upload->id, 0);
    EXPECT_EQ(uploads->write(upload->id, 0).error().kind, Kind::Busy);
}

TEST_F(UploadsTest, AreFreeAtOnceWhenASenderIsRefusedBeforeItsFirstByte)
{
    auto upload = begin("a.iso", 5000);
    uploads->write(upload->id, 0)->reset();
    EXPECT_TRUE(uploads->write(upload->id, 0));
}

TEST_F(UploadsTest, ThrowAwayWhatHasAWrongSum)
{
    auto upload = begin("a.iso", 5, sum_of("other"));
    auto done = send(upload->id, 0, "bytes");
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().message, "sha256 mismatch");
    EXPECT_TRUE(library->list()->empty());
    EXPECT_EQ(parts(), 0u);
    EXPECT_FALSE(uploads->find(upload->id));
}

TEST_F(UploadsTest, RefuseMoreBytesThanAnnounced)
{
    auto upload = begin("a.iso", 5);
    auto done = send(upload->id, 0, "123456");
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, Kind::Invalid);
    EXPECT_TRUE(library->list()->empty());
}

TEST_F(UploadsTest, ReplaceNoImage)
{
    dir.write("data/a.iso", "old");
    EXPECT_EQ(begin("a.iso", 5).error().code, EEXIST);
    std::filesystem::create_symlink("nowhere", dir.path + "/data/link.iso");
    EXPECT_EQ(begin("link.iso", 5).error().code, EEXIST);
    auto upload = begin("b.iso", 3);
    dir.write("data/b.iso", "meanwhile");
    EXPECT_EQ(send(upload->id, 0, "new").error().code, EEXIST);
    EXPECT_EQ(image("b.iso"), "meanwhile");
}

TEST_F(UploadsTest, ReplaceAnImageWhereThatIsAnnouncedAndStillAllowedInTheEnd)
{
    bool allowed = true;
    uploads->may_replace = [&](const std::string &name) -> Part::MayReplace {
        EXPECT_EQ(name, "a.iso");
        return [now = allowed]() -> Result<> {
            return now ? ok : Result<>{Error{Kind::Conflict, "it is in a drive", EEXIST}};
        };
    };
    dir.write("data/a.iso", "old");
    EXPECT_EQ(begin("a.iso", 3).error().code, EEXIST) << "not announced";
    const Announcement wish{.name = "a.iso", .size_bytes = 3, .replace = true};
    for (const bool still : {false, true}) {
        allowed = true;
        std::string id;
        uploads->begin(wish, [&](Result<Progress> p) { id = p ? p->id : "refused"; });
        ASSERT_TRUE(run_until([&] { return !id.empty(); }));
        EXPECT_EQ(image("a.iso"), "old") << "until the new one is whole";
        allowed = still;
        auto sent = send(id, 0, "new");
        EXPECT_EQ(bool(sent), still);
        EXPECT_EQ(image("a.iso"), still ? "new" : "old");
        EXPECT_FALSE(uploads->is_replacing("a.iso"));
        EXPECT_EQ(parts(), 0u);
    }
}

TEST_F(UploadsTest, RefuseWhatCannotBe)
{
    EXPECT_EQ(begin("../a.iso", 5).error().kind, Kind::Invalid);
    EXPECT_EQ(begin("linux/a.iso", 5).error().kind, Kind::Invalid);
    EXPECT_EQ(begin("a.exe", 5).error().kind, Kind::Invalid);
    EXPECT_EQ(begin("a.iso", 0).error().kind, Kind::Invalid);
    EXPECT_EQ(begin("a.iso", UINT64_MAX).error().kind, Kind::Invalid);
    EXPECT_EQ(begin("a.iso", 5, "abc").error().message, "invalid sha256sum");
    EXPECT_EQ(begin("a.iso", 5, std::string(64, 'g')).error().message, "invalid sha256sum");
    EXPECT_TRUE(begin("a.iso", 5, std::string(64, 'A')));
}

TEST_F(UploadsTest, ReserveRoomForOneAnother)
{
    library = std::make_shared<Library>(dir.path + "/data", Library::Limits{2000, 0});
    restart();
    EXPECT_EQ(begin("huge.iso", 2001).error().code, EDQUOT);
    ASSERT_TRUE(begin("a.iso", 1000));
    EXPECT_EQ(begin("b.iso", 1000).error().code, EDQUOT) << "records count, too";
    EXPECT_TRUE(begin("c.iso", 500));
}

TEST_F(UploadsTest, AreCancelled)
{
    auto upload = begin("a.iso", 5000);
    ASSERT_TRUE(send(upload->id, 0, "12345"));
    std::optional<Result<>> done;
    uploads->cancel(upload->id, [&](Result<> r) { done = std::move(r); });
    ASSERT_TRUE(run_until([&] { return done.has_value(); }));
    EXPECT_TRUE(*done);
    EXPECT_EQ(parts(), 0u);
    EXPECT_EQ(uploads->find(upload->id).error().kind, Kind::NotFound);
}

TEST_F(UploadsTest, ExpireADayAfterTheLastByte)
{
    auto upload = begin("a.iso", 5000);
    ASSERT_TRUE(send(upload->id, 0, "12345"));
    now += 24 * 3600 - 60;
    uploads->sweep();
    EXPECT_TRUE(uploads->find(upload->id));
    now += 120;
    uploads->sweep();
    EXPECT_FALSE(uploads->find(upload->id));
    EXPECT_TRUE(run_until([&] { return parts() == 0; }));
}

TEST_F(UploadsTest, ExpireAcrossARestart)
{
    auto upload = begin("a.iso", 5000);
    ASSERT_TRUE(send(upload->id, 0, "12345"));
    now += 2 * 24 * 3600;
    restart();
    EXPECT_TRUE(uploads->all().empty());
    EXPECT_TRUE(run_until([&] { return parts() == 0; }));
}

TEST_F(UploadsTest, TidyUpAfterACrash)
{
    const std::string id(32, 'a');
    dir.write("data/.parts/" + id, "bytes without a record");
    dir.write("data/.parts/" + std::string(32, 'b') + ".json", "{}");
    dir.write("data/.parts/" + std::string(32, 'c') + ".json.x7Fq2a", "half a record");
    dir.write("data/.parts/" + std::string(32, 'd'), "short");
    dir.write("data/.parts/" + std::string(32, 'd') + ".json",
              R"({"name":"a.iso","size":100,"sha256":"","synced":50})");
    dir.write("data/.parts/" + std::string(32, 'e'), "evil");
    dir.write("data/.parts/" + std::string(32, 'e') + ".json",
              R"({"name":"../a.iso","size":100,"sha256":"","synced":0})");
    restart();
    EXPECT_TRUE(uploads->all().empty());
    EXPECT_EQ(parts(), 0u);
}

TEST_F(UploadsTest, AreAFewAtATime)
{
    for (int i = 0; i < 16; ++i)
        ASSERT_TRUE(begin(std::to_string(i) + ".iso", 5));
    EXPECT_EQ(begin("16.iso", 5).error().kind, Kind::Busy);
    std::vector<std::unique_ptr<Uploads::Writer>> writers;
    for (const auto &p : uploads->all())
        if (auto writer = uploads->write(p.id, 0))
            writers.push_back(std::move(*writer));
    EXPECT_EQ(writers.size(), 4u);
}

TEST_F(UploadsTest, BeginAnewForWhoDoesNotKnowWhereTheyWereInterrupted)
{
    const std::string bytes(5000, 'x');
    auto upload = begin("a.iso", bytes.size());
    ASSERT_FALSE(send(upload->id, 0, bytes.substr(0, 1234))->whole);
    auto again = begin_anew("a.iso", bytes.size());
    ASSERT_TRUE(again);
    EXPECT_EQ(again->stored_bytes, 0u);
    EXPECT_TRUE(send(again->id, 0, bytes)->whole);
    EXPECT_EQ(image("a.iso"), bytes);
    EXPECT_EQ(parts(), 0u);
}

TEST_F(UploadsTest, AreNotTakenFromWhoIsSendingByOneWhoBeginsAnew)
{
    auto upload = begin("a.iso", 5000);
    auto writer = uploads->write(upload->id, 0);
    ASSERT_TRUE(writer);
    take(**writer, "abc");
    auto again = begin_anew("a.iso", 5000);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->id, upload->id);
    EXPECT_EQ(uploads->write(again->id, 0).error().kind, Kind::Busy);
}

TEST_F(UploadsTest, WhoseBytesTheDiskDoesNotTakeFailAndAreGoneOnWithWhenItIsBack)
{
    auto upload = begin("a.iso", 10);
    auto writer = uploads->write(upload->id, 0);
    ASSERT_TRUE(writer);
    StuckLane disk{Lane::Images};
    bool taken = false;
    (*writer)->take("12345", [&] { taken = true; });
    Loop::run();
    EXPECT_FALSE(taken);
    Loop::fire_timers();
    EXPECT_TRUE(taken);
    EXPECT_EQ(finish(**writer).error().kind, Kind::Unavailable);
    writer->reset();
    EXPECT_TRUE(uploads->find(upload->id)->busy) << "the disk may still store them";
    disk.go_on();
    wait_until_free(upload->id);
    EXPECT_EQ(uploads->find(upload->id)->stored_bytes, 5u);
    EXPECT_TRUE(send(upload->id, 5, "67890")->whole);
    EXPECT_EQ(image("a.iso"), "1234567890");
}

TEST_F(UploadsTest, WhoseImageTheDiskDoesNotMakeAnswerAndAreMadeLater)
{
    auto upload = begin("a.iso", 5);
    auto writer = uploads->write(upload->id, 0);
    ASSERT_TRUE(writer);
    take(**writer, "12345");
    StuckLane disk{Lane::Images};
    std::optional<Result<Progress>> answer, other;
    (*writer)->finish([&](Result<Progress> p) { answer = std::move(p); });
    uploads->begin({"b.iso", 5, ""}, [&](Result<Progress> p) { other = std::move(p); });
    Loop::fire_timers();
    EXPECT_EQ(answer.value().error().kind, Kind::Unavailable);
    EXPECT_EQ(other.value().error().kind, Kind::Unavailable);
    disk.go_on();
    settle();
    EXPECT_EQ(image("a.iso"), "12345");
    EXPECT_EQ(begin("b.iso", 5)->id, uploads->all().at(0).id) << "it has begun meanwhile";
}
