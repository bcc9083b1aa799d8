// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/webrtc/offer.h"

#include <gst/gst.h>
#include <gtest/gtest.h>

using namespace panto;
using namespace panto::webrtc;

namespace
{

const std::string kHead = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
                          "a=group:BUNDLE 0 1\r\na=extmap-allow-mixed\r\n";
const std::string kAudio = "m=audio 9 UDP/TLS/RTP/SAVPF 111 63\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\n"
                           "a=recvonly\r\na=rtpmap:111 opus/48000/2\r\na=rtpmap:63 red/48000/2\r\n";
const std::string kData = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\n"
                          "a=mid:2\r\na=sctp-port:5000\r\n";

std::string fingerprint(const std::string &hash, int bytes)
{
    std::string out = "a=fingerprint:" + hash + " AB";
    for (int i = 1; i < bytes; ++i)
        out += ":0f";
    return out + "\r\n";
}

const std::string kFingerprint = fingerprint("sha-256", 32);

/// A video section as Chromium writes it, with these lines of ours at the end.
std::string video(const std::string &payloads, const std::string &lines)
{
    return "m=video 9 UDP/TLS/RTP/SAVPF " + payloads +
           "\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\na=ice-ufrag:abcd\r\n"
           "a=ice-pwd:abcdefghijklmnopqrstuv\r\na=ice-options:trickle\r\n" +
           kFingerprint +
           "a=setup:actpass\r\na=mid:1\r\na=recvonly\r\n"
           "a=rtcp-mux\r\na=rtcp-rsize\r\n" +
           lines;
}

std::string h264(const std::string &payload, const std::string &profile,
                 const std::string &mode = "1")
{
    return "a=rtpmap:" + payload + " H264/90000\r\na=rtcp-fb:" + payload +
           " nack pli\r\na=fmtp:" + payload +
           " level-asymmetry-allowed=1;packetization-mode=" + mode +
           ";profile-level-id=" + profile + "\r\n";
}

std::string h265(const std::string &payload, const std::string &parameters)
{
    return "a=rtpmap:" + payload + " H265/90000\r\na=fmtp:" + payload + " " + parameters + "\r\n";
}

constexpr char kMain[] = "level-id=180;profile-id=1;tier-flag=0;tx-mode=SRST";

/// The codecs and payload types that can be sent, in order.
std::string sendable(const std::string &sdp)
{
    std::string out;
    if (const auto offer = read_offer(sdp))
        for (const Video &v : offer->video)
            out += (out.empty() ? "" : " ") + v.codec + ":" + std::to_string(v.payload);
    return out;
}

Kind kind_of(const std::string &sdp)
{
    auto offer = read_offer(sdp);
    return offer ? Kind::Internal : offer.error().kind;
}

class OfferTest : public testing::Test
{
protected:
    static void SetUpTestSuite() { gst_init(nullptr, nullptr); }
};

} // namespace

TEST_F(OfferTest, OfChromiumIsTakenAtConstrainedBaseline)
{
    auto offer = read_offer(
        kHead +
        video("96 97 102 103 106 108 39", "a=rtpmap:96 VP8/90000\r\na=rtpmap:97 rtx/90000\r\n"
                                          "a=fmtp:97 apt=96\r\n" +
                                              h264("102", "42001f") + h264("103", "42001f", "0") +
                                              h264("106", "42e01f") + h264("108", "42e01f", "0") +
                                              h264("39", "4d001f")) +
        kData);
    ASSERT_TRUE(offer) << offer.error().message;
    EXPECT_EQ(offer->video.at(0).payload, 106u);
    EXPECT_EQ(offer->video.at(0).profile, "42e01f");
    EXPECT_EQ(offer->playout_delay_id, 0u);
    EXPECT_EQ(offer->capture_time_id, 0u);
}

TEST_F(OfferTest, MayBeginWithAudio)
{
    auto offer = read_offer(kHead + kAudio + video("102", h264("102", "42e01f")) + kData);
    ASSERT_TRUE(offer) << offer.error().message;
    EXPECT_EQ(offer->video.at(0).payload, 102u);
}

TEST_F(OfferTest, NamesOpusWhereSoundCanBeSent)
{
    const std::string seen = video("102", h264("102", "42e01f"));
    EXPECT_EQ(read_offer(kHead + kAudio + seen)->opus, 111u);
    EXPECT_EQ(read_offer(kHead + seen + kAudio)->opus, 111u);
    EXPECT_EQ(read_offer(kHead + seen)->opus, std::nullopt);
}

TEST_F(OfferTest, TakesASectionThatSharesThePortOfAnother)
{
    const auto shared = [](std::string section, const std::string &port) {
        section.replace(section.find(port), port.size(), port.substr(0, port.size() - 1) + "0");
        return section + "a=bundle-only\r\n";
    };
    const std::string seen = video("102", h264("102", "42e01f"));
    EXPECT_EQ(read_offer(kHead + seen + shared(kAudio, "m=audio 9"))->opus, 111u);
    const auto second = read_offer(kHead + kAudio + shared(seen, "m=video 9"));
    ASSERT_TRUE(second) << second.error().message;
    EXPECT_EQ(second->video.at(0).payload, 102u);
    EXPECT_EQ(second->opus, 111u);
}

TEST_F(OfferTest, NamesNoOpusWhereSoundCannotBeSent)
{
    const auto opus_after = [](const std::string &from, const std::string &to) {
        std::string audio = kAudio;
        audio.replace(audio.find(from), from.size(), to);
        return read_offer(kHead + video("102", h264("102", "42e01f")) + audio)->opus;
    };
    EXPECT_EQ(opus_after("opus/48000/2", "PCMU/8000"), std::nullopt);
    EXPECT_EQ(opus_after("opus/48000/2", "opus/48000"), std::nullopt);
    EXPECT_EQ(opus_after("a=recvonly", "a=sendonly"), std::nullopt);
    EXPECT_EQ(opus_after("a=recvonly", "a=inactive"), std::nullopt);
    EXPECT_EQ(opus_after("m=audio 9", "m=audio 0"), std::nullopt);
    EXPECT_EQ(opus_after("a=recvonly", "a=sendrecv"), 111u);
}

TEST_F(OfferTest, MayLeaveTheProfileOut)
{
    auto offer = read_offer(kHead + video("102", "a=rtpmap:102 h264/90000\r\n"
                                                 "a=fmtp:102 packetization-mode=1\r\n"));
    ASSERT_TRUE(offer) << offer.error().message;
    EXPECT_EQ(offer->video.at(0).payload, 102u);
}

TEST_F(OfferTest, MayKnowHigherProfilesOnly)
{
    auto offer =
        read_offer(kHead + video("102 103", h264("102", "640C1F") + h264("103", "42001F")));
    ASSERT_TRUE(offer) << offer.error().message;
    EXPECT_EQ(offer->video.at(0).payload, 103u);
    EXPECT_EQ(offer->video.at(0).profile, "42001f");
}

TEST_F(OfferTest, NamesOneOfEachCodecInThePeersOrder)
{
    const std::string h264s = h264("102", "64001f") + h264("103", "42e01f");
    EXPECT_EQ(sendable(kHead + video("102 49 103", h264s + h265("49", kMain))), "h264:103 h265:49");
    EXPECT_EQ(sendable(kHead + video("49 102 103", h264s + h265("49", kMain))), "h265:49 h264:103");
    EXPECT_EQ(sendable(kHead + video("49", h265("49", kMain))), "h265:49");
}

TEST_F(OfferTest, TakesH265OfMainWithRoomForAScreen)
{
    const auto taken = [](const std::string &parameters) {
        return !sendable(kHead + video("49", h265("49", parameters))).empty();
    };
    EXPECT_TRUE(taken("level-id=123"));
    EXPECT_TRUE(taken("level-id=153;profile-id=2;tx-mode=srst")) << "Main 10 takes Main";
    EXPECT_FALSE(taken("level-id=120;profile-id=1")) << "1080p at 30 only";
    EXPECT_FALSE(taken("profile-id=1")) << "level 93 when left out";
    EXPECT_FALSE(taken("level-id=180;profile-id=4"));
    EXPECT_FALSE(taken("level-id=180;tx-mode=MRST"));
    EXPECT_FALSE(taken("level-id=-180"));
    EXPECT_FALSE(taken("level-id=18000000000000000000"));
    EXPECT_EQ(sendable(kHead +
                       video("49 50", h265("49", "level-id=180;profile-id=2") + h265("50", kMain))),
              "h265:50");
}

TEST_F(OfferTest, NamesTheHeaderExtensions)
{
    auto offer = read_offer(
        kHead +
        video(
            "102",
            "a=extmap:1 urn:ietf:params:rtp-hdrext:toffset\r\n"
            "a=extmap:5/recvonly http://www.webrtc.org/experiments/rtp-hdrext/playout-delay\r\n"
            "a=extmap:13 http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time extra\r\n" +
                h264("102", "42e01f")));
    ASSERT_TRUE(offer) << offer.error().message;
    EXPECT_EQ(offer->playout_delay_id, 5u);
    EXPECT_EQ(offer->capture_time_id, 13u);
}

TEST_F(OfferTest, DoesNotTakeNonsenseForAnExtension)
{
    auto offer = read_offer(
        kHead + video("102", "a=extmap\r\na=extmap:\r\na=extmap:x\r\na=extmap:5\r\na=extmap:0 "
                             "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay\r\n"
                             "a=extmap:256 "
                             "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay\r\n"
                             "a=extmap:-1 "
                             "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay\r\n"
                             "a=extmap:7 "
                             "http://www.webrtc.org/experiments/rtp-hdrext/playout-delayed\r\n" +
                                 h264("102", "42e01f")));
    ASSERT_TRUE(offer) << offer.error().message;
    EXPECT_EQ(offer->playout_delay_id, 0u);
}

TEST_F(OfferTest, WithoutH264IsAConflict)
{
    EXPECT_EQ(kind_of(kHead + video("96", "a=rtpmap:96 VP8/90000\r\n")), Kind::Conflict);
    EXPECT_EQ(kind_of(kHead + kAudio), Kind::Conflict);
    EXPECT_EQ(kind_of(kHead), Kind::Conflict);
    EXPECT_EQ(kind_of(kHead + video("102", "")), Kind::Conflict);
}

TEST_F(OfferTest, WithPacketizationModeZeroOnlyIsAConflict)
{
    EXPECT_EQ(kind_of(kHead + video("102", h264("102", "42e01f", "0"))), Kind::Conflict);
    EXPECT_EQ(kind_of(kHead + video("102", "a=rtpmap:102 H264/90000\r\n")), Kind::Conflict);
}

TEST_F(OfferTest, WithAPayloadThatIsNoneIsAConflict)
{
    for (const char *payload : {"128", "-1", "4294967398", "x"})
        EXPECT_EQ(kind_of(kHead + video(payload, h264(payload, "42e01f"))), Kind::Conflict)
            << payload;
}

TEST_F(OfferTest, WithAVideoThatIsSwitchedOffIsAConflict)
{
    std::string off = video("102", h264("102", "42e01f"));
    off.replace(off.find("m=video 9"), 9, "m=video 0");
    EXPECT_EQ(kind_of(kHead + off), Kind::Conflict);
}

TEST_F(OfferTest, ThatIsNoSdpIsInvalid)
{
    for (const char *text : {"", "v", "v=", "v=1\r\n", "hello", "{\"sdp\":\"v=0\"}", "\r\nv=0\r\n",
                             "m=video 9 UDP/TLS/RTP/SAVPF 102\r\n", "\xff\xfe"})
        EXPECT_EQ(kind_of(text), Kind::Invalid) << text;
}

TEST_F(OfferTest, IsInvalidWhenItIsHuge)
{
    const std::string good = kHead + video("102", h264("102", "42e01f"));
    EXPECT_TRUE(read_offer(good + "a=x:" + std::string(60'000, 'x') + "\r\n"));
    EXPECT_EQ(kind_of(good + "a=x:" + std::string(70'000, 'x') + "\r\n"), Kind::Invalid);
}

TEST_F(OfferTest, MayBeCutOffAnywhere)
{
    const std::string whole = kHead + kAudio + video("102 103", h264("102", "42e01f")) + kData;
    for (size_t length = 0; length < whole.size(); ++length) {
        auto offer = read_offer(whole.substr(0, length));
        EXPECT_TRUE(offer || !offer.error().message.empty()) << length;
    }
}

TEST_F(OfferTest, NeedsAFingerprint)
{
    const std::string good = kHead + video("102", h264("102", "42e01f"));
    const auto with = [&](const std::string &line) {
        std::string out = good;
        return out.replace(out.find(kFingerprint), kFingerprint.size(), line);
    };
    for (const std::string &line :
         {std::string{}, std::string{"a=fingerprint:\r\n"},
          std::string{"a=fingerprint:sha-256\r\n"}, fingerprint("sha-256", 31),
          fingerprint("sha-256", 33), fingerprint("sha-1", 32), fingerprint("sha-0", 32),
          kFingerprint + "a=fingerprint:sha-256 xy\r\n",
          "a=fingerprint:sha-256 " + std::string(95, '0') + "\r\n"})
        EXPECT_EQ(kind_of(with(line)), Kind::Invalid) << line;
    EXPECT_TRUE(read_offer(with(fingerprint("SHA-1", 20) + fingerprint("sha-512", 64))));
}

TEST_F(OfferTest, MayHaveItsFingerprintForAllSections)
{
    std::string section = video("102", h264("102", "42e01f"));
    section.erase(section.find(kFingerprint), kFingerprint.size());
    EXPECT_TRUE(read_offer(kHead + kFingerprint + section));
}

TEST_F(OfferTest, WhoseVideoWouldGetNothingIsAConflict)
{
    const auto towards = [](const std::string &direction) {
        std::string section = video("102", h264("102", "42e01f"));
        const std::string asked = "a=recvonly\r\n";
        return section.replace(section.find(asked), asked.size(), direction);
    };
    EXPECT_EQ(kind_of(kHead + towards("a=sendonly\r\n")), Kind::Conflict);
    EXPECT_EQ(kind_of(kHead + towards("a=inactive\r\n")), Kind::Conflict);
    EXPECT_EQ(kind_of(kHead + "a=inactive\r\n" + towards("")), Kind::Conflict);
    EXPECT_TRUE(read_offer(kHead + "a=inactive\r\n" + towards("a=recvonly\r\n")));
    EXPECT_TRUE(read_offer(kHead + towards("a=sendrecv\r\n")));
    EXPECT_TRUE(read_offer(kHead + towards("")));
}
