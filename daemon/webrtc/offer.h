// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/result.h"

#include <optional>
#include <string>
#include <vector>

namespace panto::webrtc
{

/// A payload type that video can be sent as.
struct Video {
    std::string codec; ///< h264, with packetization-mode=1, or h265, of profile Main
    unsigned payload = 0;
    std::string profile; ///< profile-level-id, or profile-id; lower case, "" when left out
};

/// What we need to know of a viewer's offer to send it video, and sound.
struct Offer {
    std::vector<Video> video;      ///< one of each codec, the one it prefers first
    std::optional<unsigned> opus;  ///< its payload type, if sound can be sent that way
    unsigned playout_delay_id = 0; ///< header extension ids; 0 when not offered
    unsigned capture_time_id = 0;
    size_t candidates = 0;                 ///< that it names
    std::vector<std::string> fingerprints; ///< of the certificates the peer may come with
};

/// Whether a candidate names its address by mDNS. Such names are made up by browsers to hide the
/// address; looking them up would send queries out, and the peer's checks find us without.
bool is_mdns(const std::string &candidate);
/// The offer without the candidates that are.
std::string without_mdns(const std::string &sdp);

/// Reads an SDP offer.
///
/// Errors   Invalid: not SDP, too long, without a well-formed fingerprint, or with more than
///          kMostCandidates;
///          Conflict: no H.264 or H.265 video that we can send and the peer would receive
Result<Offer> read_offer(const std::string &sdp);

} // namespace panto::webrtc
