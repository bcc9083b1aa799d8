// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>
#include <string>
#include <string_view>
#include <vector>

namespace panto::webrtc
{

enum class Fingerprint {
    Good,
    Malformed,
    UnknownHash, ///< to be passed over
};

/// What an a=fingerprint's value is: "<hash> <hex>:<hex>..." with as many bytes as that hash has.
Fingerprint read_fingerprint(std::string_view text);

/// Whether one of the fingerprints is that of the certificate, which comes as PEM.
bool is_certificate_of(const std::string &pem, const std::vector<std::string> &fingerprints);

/// Whether each certificate that a DTLS handshake brought so far is one that the offer names, and
/// there was one. webrtcbin (1.22) takes any, so that anybody on the way of the packets could
/// answer in the peer's place.
bool is_who_offered(GstElement *webrtcbin, const std::vector<std::string> &fingerprints);

} // namespace panto::webrtc
