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
    static Audience::Who who(const std::string &user, const std::string &name = "")
    {
        http::Request rq;
        rq.principal.user = user;
        rq.token = "session of " + user;
        if (!name.empty())
            rq.query["viewer"] = name;
        return Audience::Who{rq};
    }
    /// The end of what is told of the only viewer.
    std::string page() const
    {
        const std::string text = audience.viewers().text();
        return text.substr(text.find("\"decode\""));
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

const std::string kName(32, 'a');
constexpr Audience::Told kTold{.decoded = 100,
                               .dropped = 2,
                               .decode_p50 = 7'500,
                               .decode_p95 = 8'000,
                               .decode_p99 = 9'250,
                               .presented = 98,
                               .present_p50 = 12'000,
                               .present_p95 = 20'000,
                               .present_p99 = 31'000};

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

TEST_F(AudienceTest, KnowsAViewerByTheNameThatItsPageGaveIt)
{
    const auto a = audience.enter(Way::Mjpeg, who("ann", kName), nothing);
    EXPECT_EQ(told("id"), (Told{{"mjpeg", kName}}));
}

TEST_F(AudienceTest, GivesANumberToWhoCallsItselfAsAnotherOrHasNoName)
{
    const auto a = audience.enter(Way::Mjpeg, who("ann", kName), nothing);
    const auto b = audience.enter(Way::Mjpeg, who("bob", kName), nothing);
    const auto c = audience.enter(Way::Mjpeg, who("bob", "short"), nothing);
    const auto d = audience.enter(Way::Mjpeg, who("bob", kName + "<"), nothing);
    const auto e = audience.enter(Way::Mjpeg, who("bob", std::string(65, 'a')), nothing);
    EXPECT_EQ(
        told("id"),
        (Told{{"mjpeg", kName}, {"mjpeg", "2"}, {"mjpeg", "3"}, {"mjpeg", "4"}, {"mjpeg", "5"}}));
}

TEST_F(AudienceTest, TellsNothingOfDecodingAndPresentingBeforeThePageDoes)
{
    const auto a = audience.enter(Way::Mjpeg, who("ann", kName), nothing);
    EXPECT_EQ(page(), R"("decode":null,"present":null}])");
}

TEST_F(AudienceTest, TellsWhatThePageToldLast)
{
    const auto a = audience.enter(Way::Mjpeg, who("ann", kName), nothing);
    EXPECT_TRUE(audience.take(kName, "session of ann", {}));
    EXPECT_TRUE(audience.take(kName, "session of ann", kTold));
    EXPECT_EQ(page(), R"("decode":{"pictures":100,"p50":7.5,"p95":8,"p99":9.25,"dropped":2},)"
                      R"("present":{"pictures":98,"p50":12,"p95":20,"p99":31}}])");
}

TEST_F(AudienceTest, SaysThatAgesAreNotKnownOfAPageWithoutTheTimeOfCapture)
{
    const auto a = audience.enter(Way::Mjpeg, who("ann", kName), nothing);
    EXPECT_TRUE(audience.take(kName, "session of ann", {.decoded = 3, .presented = 3}));
    EXPECT_EQ(page(), R"("decode":{"pictures":3,"p50":null,"p95":null,"p99":null,"dropped":0},)"
                      R"("present":{"pictures":3,"p50":null,"p95":null,"p99":null}}])");
}

TEST_F(AudienceTest, BelievesOfAViewerOnlyItsOwnSession)
{
    auto a = audience.enter(Way::Mjpeg, who("ann", kName), nothing);
    EXPECT_EQ(audience.take(kName, "session of bob", kTold).error().kind, Kind::NotFound);
    EXPECT_EQ(audience.take(std::string(32, 'b'), "session of ann", kTold).error().kind,
              Kind::NotFound);
    EXPECT_EQ(page(), R"("decode":null,"present":null}])");
    a.reset();
    EXPECT_EQ(audience.take(kName, "session of ann", kTold).error().kind, Kind::NotFound);
}
