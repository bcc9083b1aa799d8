// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/api/audience.h"

#include <gtest/gtest.h>

using namespace panto;
using api::Audience;
using Way = Audience::Way;

namespace
{

class AudienceTest : public testing::Test
{
protected:
    static Audience::Who who(const std::string &user)
    {
        http::Request rq;
        rq.principal.user = user;
        return Audience::Who{rq};
    }
    /// What is told of the viewers, read again.
    std::vector<std::pair<std::string, std::string>> told(const char *field)
    {
        const std::string text = json::Object{}.add("viewers", audience.viewers()).text();
        const auto node = json::parse_object(text);
        JsonArray *all = json::array_at(json::object(*node), "viewers");
        std::vector<std::pair<std::string, std::string>> out;
        for (unsigned i = 0; i < json_array_get_length(all); ++i) {
            JsonObject *one = json::object_at(all, i);
            out.emplace_back(*json::text_at(one, "way"), *json::text_at(one, field));
        }
        return out;
    }
    control::Board board;
    Audience audience{board};
    const Audience::Figures nothing = [](json::Object &) {};
    using Told = std::vector<std::pair<std::string, std::string>>;
};

} // namespace

TEST_F(AudienceTest, IsEmptyAtFirst)
{
    EXPECT_EQ(audience.viewers().text(), "[]");
}

TEST_F(AudienceTest, TellsWhoWatchesAndByWhichWayUntilTheyGo)
{
    auto a = audience.enter(Way::Mjpeg, who("ann"), nothing);
    const auto b = audience.enter(Way::Direct, who("bob"), nothing);
    const auto c = audience.enter(Way::WebRtc, who("cy"), nothing);
    EXPECT_EQ(told("user"), (Told{{"mjpeg", "ann"}, {"direct", "bob"}, {"webrtc", "cy"}}));
    a.reset();
    EXPECT_EQ(told("user"), (Told{{"direct", "bob"}, {"webrtc", "cy"}}));
}

TEST_F(AudienceTest, KnowsEachByAnIdThatNobodyElseGets)
{
    auto a = audience.enter(Way::Mjpeg, who("ann"), nothing);
    const auto b = audience.enter(Way::Direct, who("ann"), nothing);
    EXPECT_EQ(told("id"), (Told{{"mjpeg", "1"}, {"direct", "2"}}));
    a.reset();
    a = audience.enter(Way::Mjpeg, who("ann"), nothing);
    EXPECT_EQ(told("id"), (Told{{"direct", "2"}, {"mjpeg", "3"}}));
}

TEST_F(AudienceTest, AsksForTheFiguresWhenTheyAreTold)
{
    std::string now = "first";
    const auto place = audience.enter(Way::Mjpeg, who("ann"),
                                      [&](json::Object &viewer) { viewer.add("state", now); });
    EXPECT_EQ(told("state"), (Told{{"mjpeg", "first"}}));
    now = "second";
    EXPECT_EQ(told("state"), (Told{{"mjpeg", "second"}}));
}

TEST_F(AudienceTest, CountsThoseOfH264OnTheBoard)
{
    const auto counts = [this] {
        const std::string text = board.read("h264-mode-status");
        return text.substr(text.find("\"direct\""));
    };
    const auto a = audience.enter(Way::Mjpeg, who("ann"), nothing);
    EXPECT_EQ(counts(), R"("direct":0,"webrtc":0,"mixed":false})");
    auto b = audience.enter(Way::Direct, who("ann"), nothing);
    const auto c = audience.enter(Way::WebRtc, who("ann"), nothing);
    EXPECT_EQ(counts(), R"("direct":1,"webrtc":1,"mixed":true})");
    b.reset();
    EXPECT_EQ(counts(), R"("direct":0,"webrtc":1,"mixed":false})");
}
