// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "lib/base/result.h"

#include <string>
#include <vector>

namespace panto::webrtc
{

/// A way to a peer, of the media section with that index.
struct Candidate {
    unsigned mline = 0;
    std::string text; ///< "candidate:..."
};

/// As many as a peer may name: one with twenty networks has no more, and each costs memory and
/// checks.
inline constexpr size_t kMostCandidates = 128;

/// Whether it has the form of a candidate; its address may still be of no use.
///
/// Source   RFC 8839 section 5.1
bool is_candidate(const std::string &text);

/// The candidates in an application/trickle-ice-sdpfrag. Those before the first media section count
/// for that one, as some clients send nothing else.
///
/// Errors   Invalid: a line that has no place there, or nothing at all
/// Source   RFC 8840 section 9
Result<std::vector<Candidate>> read_fragment(const std::string &text);

/// The a=mid of each media section, in order; of one that has none, its index.
std::vector<std::string> mids_of(const std::string &sdp);

/// Every a=ice-ufrag of an offer, or of a fragment: they name the ICE session it belongs to.
std::vector<std::string> ufrags_of(const std::string &text);

} // namespace panto::webrtc
