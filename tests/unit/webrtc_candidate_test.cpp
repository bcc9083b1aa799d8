// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/webrtc/candidate.h"

#include <gtest/gtest.h>

using namespace panto;
using namespace panto::webrtc;

namespace
{

const std::string kCandidate = "candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host "
                               "generation 0 ufrag EsAw network-id 1";
const std::string kSection = "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n";

} // namespace

TEST(Candidate, IsWhatBrowsersSend)
{
    EXPECT_TRUE(is_candidate(kCandidate));
    EXPECT_TRUE(is_candidate("candidate:1 1 UDP 1 fe80::1 9 typ host"));
    EXPECT_TRUE(is_candidate("candidate:a+/ 2 tcp 4294967295 x.local 65535 typ srflx raddr :: "
                             "rport 0 tcptype active"));
}

TEST(Candidate, IsNothingElse)
{
    for (const char *text :
         {"", "candidate:", "nonsense", "candidate:1 1 UDP 1 192.0.2.1 9",
          "candidate: 1 UDP 1 192.0.2.1 9 typ host", "candidate:1 0 UDP 1 192.0.2.1 9 typ host",
          "candidate:1 x UDP 1 192.0.2.1 9 typ host", "candidate:1 1 UDP -1 192.0.2.1 9 typ host",
          "candidate:1 1 UDP 1 192.0.2.1 65536 typ host",
          "candidate:1 1 UDP 1 192.0.2.1 9 type host", "candidate:1 1 UDP 1 192.0.2.1 9 typ",
          "candidate:1  UDP 1 192.0.2.1 9 typ host", "candidate:1 1 UDP 1 192.0.2.1\n 9 typ host",
          "candidate:1 1 UDP 1 192.0.2.\xff 9 typ host"})
        EXPECT_FALSE(is_candidate(text)) << text;
}

TEST(Fragment, GivesEachCandidateItsSection)
{
    const auto read = read_fragment("a=ice-ufrag:EsAw\r\n" + kSection + "a=" + kCandidate + "\r\n" +
                                    kSection + "a=" + kCandidate + "\r\na=end-of-candidates\r\n");
    ASSERT_TRUE(read) << read.error().message;
    ASSERT_EQ(read->size(), 2u);
    EXPECT_EQ(read->at(0).mline, 0u);
    EXPECT_EQ(read->at(1).mline, 1u);
    EXPECT_EQ(read->at(1).text, kCandidate);
}

TEST(Fragment, MayLeaveTheSectionOut)
{
    const auto read = read_fragment("a=" + kCandidate);
    ASSERT_TRUE(read) << read.error().message;
    ASSERT_EQ(read->size(), 1u);
    EXPECT_EQ(read->at(0).mline, 0u);
}

TEST(Fragment, MayJustEndTheCandidates)
{
    const auto read = read_fragment(kSection + "a=end-of-candidates\r\n");
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_TRUE(read->empty());
}

TEST(Fragment, WithALineThatHasNoPlaceThereIsInvalid)
{
    for (const std::string &text :
         {std::string{}, std::string{"\r\n"}, std::string{"junk"}, std::string{"v=0\r\n"},
          std::string{"{\"candidate\":\"\"}"}, std::string(100, '\0'), std::string{"m=\r\n"},
          std::string{"m=audio x UDP 1\r\n"}, std::string{"a=candidate:\r\n"},
          std::string{"a=candidate"}, kSection + "a=" + kCandidate + "\r\nx\r\n"}) {
        const auto read = read_fragment(text);
        ASSERT_FALSE(read) << text;
        EXPECT_EQ(read.error().kind, Kind::Invalid) << text;
    }
}

TEST(Fragment, NamesItsIceSession)
{
    EXPECT_EQ(ufrags_of("a=ice-ufrag:EsAw\r\n" + kSection + "a=ice-ufrag:x\n"),
              (std::vector<std::string>{"EsAw", "x"}));
    EXPECT_TRUE(ufrags_of(kSection).empty());
}

TEST(Description, NamesItsMediaSections)
{
    EXPECT_EQ(mids_of("v=0\r\na=mid:x\r\nm=video 9 UDP 1\r\na=mid:video0\r\nm=audio 9 UDP 1\r\n"),
              (std::vector<std::string>{"video0", "1"}));
}
