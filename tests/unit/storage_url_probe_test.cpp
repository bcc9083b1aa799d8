// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/storage/url_probe.h"

#include <gtest/gtest.h>

using namespace panto;
using namespace panto::storage;

namespace
{

constexpr char kTag[] = "\"5f3a\"", kDate[] = "Mon, 02 Nov 2026 10:00:00 GMT";

/// What comes of a probe of a server that answers so at once.
Result<std::string> probed(Result<fetch::Head> answer)
{
    Result<std::string> came{Error{Kind::Internal, "nothing came"}};
    const fetch::Start fetch = [&](const fetch::Wish &wish, const fetch::Events &events) {
        EXPECT_EQ(wish.offset, 0u);
        EXPECT_EQ(wish.most_bytes, 1u) << "a probe is no download";
        events.on_head(answer, [] { ADD_FAILURE() << "what comes is not wanted"; });
        return fetch::Transfer{};
    };
    probe_url(fetch, "http://host/a.iso", 15, [&](Result<std::string> said) { came = said; });
    return came;
}

} // namespace

TEST(UrlProbe, RefusesAServerThatClaimsToServePartsButSendsAll)
{
    const auto said = probed(fetch::Head{.size_bytes = 9, .ranges = true, .part = false});
    ASSERT_FALSE(said);
    EXPECT_EQ(said.error().kind, Kind::Unavailable);
    EXPECT_EQ(said.error().message, kNoRanges);
}

TEST(UrlProbe, HasEachRequestAskForTheSameFile)
{
    EXPECT_EQ(*probed(fetch::Head{.validator = kTag, .part = true, .date = kDate}),
              "If-Match: \"5f3a\"");
    EXPECT_EQ(*probed(fetch::Head{.validator = kDate, .part = true, .date = kDate}),
              "If-Unmodified-Since: Mon, 02 Nov 2026 10:00:00 GMT");
    EXPECT_EQ(*probed(fetch::Head{.part = true}), "");
}

TEST(UrlProbe, GoesByTheDateWhereEachRequestMayBeSentToAnotherServer)
{
    EXPECT_EQ(
        *probed(fetch::Head{.validator = kTag, .part = true, .redirected = true, .date = kDate}),
        "If-Unmodified-Since: Mon, 02 Nov 2026 10:00:00 GMT");
    EXPECT_EQ(*probed(fetch::Head{.validator = kTag, .part = true, .redirected = true}), "");
}

TEST(UrlProbe, LeavesItToWhoReadsToSayWhyItCannot)
{
    EXPECT_EQ(*probed(Error{Kind::Unavailable, "the server answers 404"}), "");
    EXPECT_EQ(*probed(fetch::Head{.size_bytes = 0}), "") << "an empty file has no parts";
}
