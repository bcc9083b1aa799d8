// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/http/fanout.h"
#include "lib/base/fd.h"
#include "tests/fakes/loop.h"

#include <array>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace panto;
using namespace panto::http;

namespace
{

SharedPart part(const std::string &body)
{
    auto made = std::make_shared<Part>();
    made->head = "<";
    made->body = Ref<GBytes>::adopt(g_bytes_new(body.data(), body.size()));
    made->tail = ">";
    made->time = "@";
    return made;
}

/// The far end of a stream.
class Peer
{
public:
    explicit Peer(int fd) : fd_{fd} {}

    /// So much of what comes; less when there is no more, or it takes 20 s.
    std::string read(size_t count)
    {
        std::string got;
        std::array<char, 65536> some;
        while (got.size() < count && readable(20'000)) {
            const ssize_t n =
                ::read(fd_.get(), some.data(), std::min(some.size(), count - got.size()));
            if (n <= 0)
                break;
            got.append(some.data(), size_t(n));
        }
        return got;
    }
    bool readable(int limit_ms)
    {
        pollfd p{fd_.get(), POLLIN, 0};
        return poll(&p, 1, limit_ms) == 1;
    }
    void leave() { fd_ = Fd{}; }

private:
    Fd fd_;
};

class FanoutTest : public testing::Test
{
protected:
    FanoutTest()
    {
        fanout->on_empty([this] { ++emptied; });
    }

    Peer come(const std::string &token = "", Shows shows = Shows::AtItsLength,
              std::shared_ptr<Delivery> delivery = std::make_shared<Delivery>())
    {
        int ends[2] = {-1, -1};
        EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
        GSocket *socket = g_socket_new_from_fd(ends[0], nullptr);
        GSocketConnection *connection = g_socket_connection_factory_create_connection(socket);
        g_object_unref(socket);
        fanout->add(std::make_unique<Stream>(G_IO_STREAM(connection), "head ", &sessions,
                                             Lease{token, Role::User, ""}),
                    "first ", shows, std::move(delivery));
        return Peer{ends[1]};
    }

    void send(const SharedPart &p)
    {
        post_to(fanout->context(), [this, p] { fanout->send(p); });
    }

    /// Until what was posted to the thread so far is done.
    SharedPart newest()
    {
        SharedPart found;
        bool answered = false;
        fanout->newest([&](SharedPart p) {
            found = std::move(p);
            answered = true;
        });
        EXPECT_TRUE(run_until([&] { return answered; }));
        return found;
    }

    Sessions sessions;
    std::unique_ptr<Fanout> fanout = std::make_unique<Fanout>();
    int emptied = 0;
};

const std::string kHead = "head first ";

} // namespace

TEST_F(FanoutTest, SendsEveryPartToEveryStream)
{
    Peer a = come(), b = come();
    send(part("one"));
    EXPECT_EQ(a.read(16), kHead + "<one>");
    EXPECT_EQ(b.read(16), kHead + "<one>");
    send(part("two"));
    EXPECT_EQ(a.read(5), "<two>");
    EXPECT_EQ(b.read(5), "<two>");
}

TEST_F(FanoutTest, GivesTheNewestPartToWhoComesLater)
{
    Peer a = come();
    send(part("one"));
    Peer b = come();
    EXPECT_EQ(b.read(16), kHead + "<one>");
    EXPECT_EQ(newest()->tail, ">");
}

TEST_F(FanoutTest, EndsTheNextHeadAtOnceForWhoShowsAPartOnlyThen)
{
    Peer chromium = come("", Shows::AtTheNextHead), other = come();
    send(part("one"));
    EXPECT_EQ(chromium.read(19), kHead + "\r\none>\r\n");
    EXPECT_EQ(other.read(16), kHead + "<one>");
    send(part("two"));
    EXPECT_EQ(chromium.read(6), "two>\r\n");
    EXPECT_EQ(other.read(5), "<two>");
}

TEST_F(FanoutTest, TellsThePartsTimeToWhoAsksForIt)
{
    Peer asks = come("", Shows::WithItsTime), other = come();
    send(part("one"));
    EXPECT_EQ(asks.read(17), kHead + "@<one>");
    EXPECT_EQ(other.read(16), kHead + "<one>");
}

TEST_F(FanoutTest, KeepsNoPartForANewcomerWhenEverybodyHasGone)
{
    Peer a = come();
    send(part("one"));
    a.read(16);
    a.leave();
    ASSERT_TRUE(run_until([&] { return emptied == 1; }));
    EXPECT_EQ(fanout->size(), 0u);
    send(part("two"));
    Peer b = come();
    EXPECT_EQ(newest(), nullptr);
    send(part("six"));
    EXPECT_EQ(b.read(16), kHead + "<six>");
}

TEST_F(FanoutTest, DropsAllButTheNewestForWhoDoesNotRead)
{
    const std::string long_body(2'000'000, 'x'); // more than a socket takes
    Peer slow = come(), quick = come();
    send(part(long_body));
    EXPECT_EQ(quick.read(kHead.size() + long_body.size() + 2).back(), '>');
    for (const char *body : {"one", "two", "six"}) {
        send(part(body));
        EXPECT_EQ(quick.read(5), "<" + std::string{body} + ">");
    }
    EXPECT_EQ(slow.read(kHead.size() + long_body.size() + 2), kHead + "<" + long_body + ">");
    EXPECT_EQ(slow.read(5), "<six>");
}

TEST_F(FanoutTest, SendsTheLastOfASeriesTwiceToWhoNeedsThat)
{
    Peer webkit = come("", Shows::AtTheNext), other = come();
    send(part("one"));
    EXPECT_EQ(webkit.read(21), kHead + "<one><one>");
    EXPECT_EQ(other.read(16), kHead + "<one>");
    newest(); // behind it on the thread
    EXPECT_FALSE(other.readable(0));
    EXPECT_FALSE(webkit.readable(0)) << "twice, and not again and again";
}

TEST_F(FanoutTest, CountsWhatHasLeftForEachPeerAndWhatANewerOneTookThePlaceOf)
{
    const auto slow_got = std::make_shared<Delivery>(), quick_got = std::make_shared<Delivery>();
    const std::string long_body(2'000'000, 'x'); // more than a socket takes
    Peer slow = come("", Shows::AtItsLength, slow_got),
         quick = come("", Shows::AtItsLength, quick_got);
    send(part(long_body));
    const size_t whole = kHead.size() + long_body.size() + 2;
    quick.read(whole);
    for (const char *body : {"one", "two", "six"}) {
        send(part(body));
        quick.read(5);
    }
    newest();
    EXPECT_EQ(quick_got->sent.frames(), 4u);
    EXPECT_EQ(quick_got->sent.bytes(), long_body.size() + 2 + 3 * 5);
    EXPECT_EQ(quick_got->replaced, 0u);
    EXPECT_EQ(slow_got->sent.frames(), 0u) << "the kernel has not all of it yet";
    EXPECT_EQ(slow_got->replaced, 2u);
    slow.read(whole + 5);
    newest();
    EXPECT_EQ(slow_got->sent.frames(), 2u);
    EXPECT_EQ(slow_got->replaced, 2u);
}

TEST_F(FanoutTest, CountsNoPictureTwiceThatIsSentTwice)
{
    const auto got = std::make_shared<Delivery>();
    Peer webkit = come("", Shows::AtTheNext, got);
    send(part("one"));
    EXPECT_EQ(webkit.read(21), kHead + "<one><one>");
    newest();
    EXPECT_EQ(got->sent.frames(), 1u);
    EXPECT_EQ(got->replaced, 0u);
}

TEST_F(FanoutTest, TellsHowOldAPictureIsWhenItHasLeft)
{
    const auto got = std::make_shared<Delivery>();
    Peer a = come("", Shows::AtItsLength, got);
    auto old = std::make_shared<Part>(*part("one"));
    old->captured = steady_now() - std::chrono::hours{1};
    send(std::move(old));
    a.read(16);
    newest();
    EXPECT_GE(got->sent.ages().read().p50, std::chrono::hours{1});
}

TEST_F(FanoutTest, CountsWhatNeverCameToItAsReplaced)
{
    const auto got = std::make_shared<Delivery>();
    Peer a = come("", Shows::AtItsLength, got);
    post_to(fanout->context(), [this, p = part("one")] { fanout->send(p, 3); });
    a.read(16);
    newest();
    EXPECT_EQ(got->replaced, 3u);
}

TEST_F(FanoutTest, EndsAStreamWhoseSessionIsRevoked)
{
    Peer revoked = come("revoked"), valid = come("valid");
    sessions.expire([](const std::string &token, Role) { return token == "valid"; });
    ASSERT_TRUE(run_until([&] { return fanout->size() == 1; }));
    EXPECT_EQ(revoked.read(1000), kHead) << "and its end";
    send(part("one"));
    EXPECT_EQ(valid.read(16), kHead + "<one>");
    EXPECT_EQ(emptied, 0);
}

TEST_F(FanoutTest, SendsABodyFromWhereItLiesAndLetsGoOfIt)
{
    bool freed = false;
    const std::string body = "lies here";
    auto made = std::make_shared<Part>();
    made->body = Ref<GBytes>::adopt(g_bytes_new_with_free_func(
        body.data(), body.size(), [](gpointer p) { *static_cast<bool *>(p) = true; }, &freed));
    Peer a = come();
    send(std::move(made));
    EXPECT_EQ(a.read(kHead.size() + body.size()), kHead + body);
    EXPECT_FALSE(freed) << "the next who comes gets it";
    send(part("two"));
    a.read(5);
    newest();
    EXPECT_TRUE(freed);
}

TEST_F(FanoutTest, EndsWithPeersThatReadNothing)
{
    Peer slow = come();
    send(part(std::string(2'000'000, 'x')));
    newest();
    fanout.reset();
    EXPECT_EQ(sessions.size(), 0u);
}
