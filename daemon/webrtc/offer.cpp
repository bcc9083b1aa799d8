// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/webrtc/offer.h"

#include "daemon/webrtc/candidate.h"
#include "daemon/webrtc/fingerprint.h"
#include "lib/glib/ref.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <gst/sdp/sdp.h>
#include <map>
#include <optional>
#include <sstream>
#include <string_view>

namespace panto::webrtc
{

namespace
{

constexpr size_t kMaxSdpBytes = 64 * 1024;
constexpr char kPlayoutDelay[] = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay";
constexpr char kCaptureTime[] = "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time";

void free_sdp(GstSDPMessage *m)
{
    gst_sdp_message_free(m);
}

std::string lower(std::string s)
{
    std::transform(s.begin(), s.end(), s.begin(),
                   [](unsigned char c) { return char(std::tolower(c)); });
    return s;
}

/// The attribute `key` of the media whose value starts with "<payload> ", without that.
std::string of_payload(const GstSDPMedia *media, const char *key, const std::string &payload)
{
    for (unsigned i = 0;; ++i) {
        const char *value = gst_sdp_media_get_attribute_val_n(media, key, i);
        if (!value)
            return {};
        const std::string_view v{value};
        if (v.starts_with(payload + " "))
            return std::string{v.substr(payload.size() + 1)};
    }
}

/// A number from 0 to `most`, and nothing else.
std::optional<unsigned> number(const std::string &text, unsigned most)
{
    unsigned n = 0;
    const char *end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, n);
    return read.ec == std::errc{} && read.ptr == end && n <= most ? std::optional{n} : std::nullopt;
}

std::optional<unsigned> payload_number(const std::string &text)
{
    return number(text, 127);
}

/// One parameter of an fmtp line.
std::string parameter(const std::string &fmtp, const std::string &name)
{
    size_t at = 0;
    while (at < fmtp.size()) {
        const size_t end = std::min(fmtp.find(';', at), fmtp.size());
        std::string_view pair{fmtp.data() + at, end - at};
        while (!pair.empty() && pair.front() == ' ')
            pair.remove_prefix(1);
        if (pair.starts_with(name + "="))
            return std::string{pair.substr(name.size() + 1)};
        at = end + 1;
    }
    return {};
}

/// How well such H.264 suits constrained baseline; 0 cannot be sent.
int h264_suits(const std::string &fmtp, std::string &profile)
{
    profile = lower(parameter(fmtp, "profile-level-id"));
    if (parameter(fmtp, "packetization-mode") != "1")
        return 0;
    if (profile.empty() || profile.starts_with("42e0") || profile.starts_with("42c0"))
        return 3;
    if (profile.starts_with("42"))
        return 2;
    if (profile.starts_with("4d") || profile.starts_with("64"))
        return 1; // every decoder of these takes constrained baseline
    return 0;
}

/// How well such H.265 suits Main, at the level of 1920x1080 at 60 pictures a second; 0 cannot be
/// sent. Source: RFC 7798, 7.1; what is left out is profile 1, level 93 and SRST.
int h265_suits(const std::string &fmtp, std::string &profile)
{
    constexpr unsigned kLevel41 = 123;
    profile = lower(parameter(fmtp, "profile-id"));
    const std::string mode = lower(parameter(fmtp, "tx-mode"));
    const std::string level = parameter(fmtp, "level-id");
    if ((!mode.empty() && mode != "srst") || number(level, 255).value_or(0) < kLevel41)
        return 0;
    if (profile.empty() || profile == "1")
        return 2;
    return profile == "2" ? 1 : 0; // Main 10: its decoders take Main
}

constexpr struct {
    const char *codec, *rtpmap;
    int (*suits)(const std::string &fmtp, std::string &profile);
} kVideo[] = {{"h264", "h264/90000", h264_suits}, {"h265", "h265/90000", h265_suits}};

unsigned extension(const GstSDPMedia *media, std::string_view uri)
{
    for (unsigned i = 0;; ++i) {
        const char *value = gst_sdp_media_get_attribute_val_n(media, "extmap", i);
        if (!value)
            return 0;
        char *end = nullptr;
        const unsigned long id = std::strtoul(value, &end, 10);
        while (*end && *end != ' ')
            ++end; // "/sendonly"
        std::string_view rest{end};
        if (rest.size() > 1 && rest.substr(1, rest.find(' ', 1) - 1) == uri && id >= 1 && id <= 255)
            return unsigned(id);
    }
}

/// The attribute of the section, or else of the session.
const char *attribute(const GstSDPMessage *session, const GstSDPMedia *media, const char *key,
                      unsigned n = 0)
{
    const bool own = gst_sdp_media_get_attribute_val(media, key);
    return own ? gst_sdp_media_get_attribute_val_n(media, key, n)
               : gst_sdp_message_get_attribute_val_n(session, key, n);
}

/// Whether the peer wants to get what we would send there; without a word it does.
bool receives(const GstSDPMessage *session, const GstSDPMedia *media)
{
    const auto says = [&](const char *direction) {
        return gst_sdp_media_get_attribute_val(media, direction) != nullptr;
    };
    if (says("recvonly") || says("sendrecv"))
        return true;
    if (says("sendonly") || says("inactive"))
        return false;
    return !gst_sdp_message_get_attribute_val(session, "sendonly") &&
           !gst_sdp_message_get_attribute_val(session, "inactive");
}

/// A rejected section: port 0, unless it says that it shares the port of another (RFC 8843).
bool is_off(const GstSDPMedia *media)
{
    return gst_sdp_media_get_port(media) == 0 &&
           !gst_sdp_media_get_attribute_val(media, "bundle-only");
}

/// Without the fingerprint of its certificate a peer cannot be told from anybody else.
Result<> check_fingerprints(const GstSDPMessage *session, const GstSDPMedia *media)
{
    bool known = false;
    for (unsigned n = 0; const char *value = attribute(session, media, "fingerprint", n); ++n) {
        const Fingerprint read = read_fingerprint(value);
        if (read == Fingerprint::Malformed)
            return Error{Kind::Invalid, "the offer's a=fingerprint is malformed"};
        known = known || read == Fingerprint::Good;
    }
    if (!known)
        return Error{Kind::Invalid, "the offer's video has no a=fingerprint of a known hash"};
    return ok;
}

/// Those of all sections: each may come to be the transport of the bundle.
std::vector<std::string> all_fingerprints(const GstSDPMessage *message)
{
    std::vector<std::string> all;
    const auto add = [&](const GstSDPAttribute *a) {
        if (std::string_view{a->key} == "fingerprint")
            all.emplace_back(a->value);
    };
    for (unsigned i = 0; i < gst_sdp_message_attributes_len(message); ++i)
        add(gst_sdp_message_get_attribute(message, i));
    for (unsigned m = 0; m < gst_sdp_message_medias_len(message); ++m) {
        const GstSDPMedia *media = gst_sdp_message_get_media(message, m);
        for (unsigned i = 0; i < gst_sdp_media_attributes_len(media); ++i)
            add(gst_sdp_media_get_attribute(media, i));
    }
    return all;
}

/// Of each codec that we can send the payload type that suits us best, in the peer's order.
std::vector<Video> sendable(const GstSDPMedia *media)
{
    std::vector<Video> found;
    std::map<std::string, int> suits;
    for (unsigned f = 0; f < gst_sdp_media_formats_len(media); ++f) {
        const std::string payload = gst_sdp_media_get_format(media, f);
        const std::string map = lower(of_payload(media, "rtpmap", payload));
        const auto *kind = std::find_if(std::begin(kVideo), std::end(kVideo),
                                        [&](const auto &k) { return map.starts_with(k.rtpmap); });
        const auto n = payload_number(payload);
        if (kind == std::end(kVideo) || !n)
            continue;
        Video video{kind->codec, *n, ""};
        const int fits = kind->suits(of_payload(media, "fmtp", payload), video.profile);
        if (fits <= suits[video.codec])
            continue;
        const auto same = std::find_if(found.begin(), found.end(),
                                       [&](const Video &v) { return v.codec == video.codec; });
        suits[video.codec] = fits;
        if (same != found.end())
            *same = video;
        else
            found.push_back(video);
    }
    return found;
}

/// The payload type of the first section that Opus can be sent in.
std::optional<unsigned> find_opus(const GstSDPMessage *session)
{
    for (unsigned m = 0; m < gst_sdp_message_medias_len(session); ++m) {
        const GstSDPMedia *media = gst_sdp_message_get_media(session, m);
        if (std::string_view{gst_sdp_media_get_media(media)} != "audio" || is_off(media) ||
            !receives(session, media))
            continue;
        for (unsigned f = 0; f < gst_sdp_media_formats_len(media); ++f) {
            const std::string payload = gst_sdp_media_get_format(media, f);
            const auto number = payload_number(payload);
            if (number && lower(of_payload(media, "rtpmap", payload)) == "opus/48000/2")
                return number;
        }
    }
    return std::nullopt;
}

size_t candidates_in(const std::string &sdp)
{
    std::istringstream lines{sdp};
    size_t count = 0;
    for (std::string line; std::getline(lines, line);)
        count += line.starts_with("a=candidate:");
    return count;
}

} // namespace

bool is_mdns(const std::string &candidate)
{
    // candidate:<foundation> <component> <transport> <priority> <address> <port> typ ...
    std::istringstream words{candidate};
    std::string word;
    for (int i = 0; i < 5; ++i)
        words >> word;
    return lower(word).ends_with(".local");
}

std::string without_mdns(const std::string &sdp)
{
    std::istringstream lines{sdp};
    std::string out;
    for (std::string line; std::getline(lines, line);)
        if (line.rfind("a=candidate:", 0) != 0 || !is_mdns(line))
            out += line + "\n";
    return out;
}

Result<Offer> read_offer(const std::string &sdp)
{
    if (sdp.size() > kMaxSdpBytes)
        return Error{Kind::Invalid, "the offer is longer than 64 KiB"};
    const size_t candidates = candidates_in(sdp);
    if (candidates > kMostCandidates)
        return Error{Kind::Invalid,
                     "the offer has more than " + std::to_string(kMostCandidates) + " candidates"};
    GstSDPMessage *raw = nullptr;
    if (sdp.rfind("v=0", 0) != 0 || gst_sdp_message_new_from_text(sdp.c_str(), &raw) != GST_SDP_OK)
        return Error{Kind::Invalid, "the offer is not SDP"};
    const Owned<GstSDPMessage, free_sdp> message{raw};
    Error refusal{Kind::Conflict, "the offer has no H.264 video with packetization-mode=1, and no "
                                  "H.265 of profile Main and level 4.1"};
    for (unsigned m = 0; m < gst_sdp_message_medias_len(raw); ++m) {
        const GstSDPMedia *media = gst_sdp_message_get_media(raw, m);
        if (std::string_view{gst_sdp_media_get_media(media)} != "video" || is_off(media))
            continue;
        if (!receives(raw, media)) {
            refusal.message = "the offer's video is sendonly or inactive: it would get nothing";
            continue;
        }
        Offer offer;
        offer.video = sendable(media);
        if (offer.video.empty())
            continue;
        if (auto known = check_fingerprints(raw, media); !known)
            return std::move(known.error());
        offer.candidates = candidates;
        offer.fingerprints = all_fingerprints(raw);
        offer.opus = find_opus(raw);
        offer.playout_delay_id = extension(media, kPlayoutDelay);
        offer.capture_time_id = extension(media, kCaptureTime);
        return offer;
    }
    return refusal;
}

} // namespace panto::webrtc
