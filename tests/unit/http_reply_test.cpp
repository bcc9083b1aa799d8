// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/http/request.h"

#include <gtest/gtest.h>

using namespace panto::http;

namespace
{

struct Answers {
    std::vector<Response> all;
    Reply::Send sender()
    {
        return [this](Response r) { all.push_back(std::move(r)); };
    }
};

} // namespace

TEST(Reply, SendsTheAnswer)
{
    Answers answers;
    Reply{answers.sender()}({200, "text/plain", "yes", {}});
    ASSERT_EQ(answers.all.size(), 1u);
    EXPECT_EQ(answers.all[0].body, "yes");
}

TEST(Reply, SendsOnlyTheFirstOfTwoAnswers)
{
    Answers answers;
    const Reply reply{answers.sender()};
    const Reply copy = reply;
    copy({200, "text/plain", "first", {}});
    reply({500, "text/plain", "second", {}});
    ASSERT_EQ(answers.all.size(), 1u);
    EXPECT_EQ(answers.all[0].body, "first");
}

TEST(Reply, Says503WhenTheLastCopyDiesUnanswered)
{
    Answers answers;
    auto kept = std::make_unique<Reply>(answers.sender());
    {
        const Reply copy = *kept;
    }
    EXPECT_TRUE(answers.all.empty()) << "one copy is still there";
    kept.reset();
    ASSERT_EQ(answers.all.size(), 1u);
    EXPECT_EQ(answers.all[0].status, 503u);
}

TEST(Reply, DropsWhatTheSenderHeldOnceItWasSent)
{
    auto held = std::make_shared<int>(0);
    const Reply reply{[held](Response) {}};
    reply({});
    EXPECT_EQ(held.use_count(), 1);
}

TEST(Status, FollowsFromTheKindOfError)
{
    using panto::Kind;
    const std::vector<std::pair<Kind, unsigned>> all = {
        {Kind::Invalid, 400},  {Kind::Denied, 403},   {Kind::NotFound, 404},
        {Kind::Conflict, 409}, {Kind::Busy, 503},     {Kind::Unavailable, 503},
        {Kind::Timeout, 504},  {Kind::Internal, 500},
    };
    for (const auto &[kind, status] : all)
        EXPECT_EQ(status_of(kind), status);
}

TEST(Reply, HandsOnWhoWantsToKnowOfTheEndUntilItIsAnswered)
{
    std::vector<std::function<void()>> wished;
    auto held = std::make_shared<int>(0);
    const Reply reply{[](Response) {},
                      [&wished, held](std::function<void()> fn) { wished.push_back(fn); }};
    int gone = 0;
    reply.if_gone([&gone] { ++gone; });
    ASSERT_EQ(wished.size(), 1u);
    wished[0]();
    EXPECT_EQ(gone, 1);
    reply({});
    reply.if_gone([] {});
    EXPECT_EQ(wished.size(), 1u);
    EXPECT_EQ(held.use_count(), 1);
}
