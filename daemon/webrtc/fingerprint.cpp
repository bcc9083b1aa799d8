// SPDX-License-Identifier: LGPL-2.1-or-later
/// Fingerprints of certificates: what ties the media path to the offer that came by way of HTTP.
///
/// Source   RFC 8122 section 5
#include "daemon/webrtc/fingerprint.h"

#include <algorithm>

namespace panto::webrtc
{

namespace
{

constexpr char kBegin[] = "-----BEGIN CERTIFICATE-----";
constexpr char kEnd[] = "-----END CERTIFICATE-----";

struct Hash {
    std::string_view name;
    GChecksumType type;
};

constexpr Hash kHashes[] = {{"sha-1", G_CHECKSUM_SHA1},
                            {"sha-256", G_CHECKSUM_SHA256},
                            {"sha-384", G_CHECKSUM_SHA384},
                            {"sha-512", G_CHECKSUM_SHA512}};

std::string lower(std::string_view s)
{
    std::string out{s};
    std::transform(out.begin(), out.end(), out.begin(), [](char c) { return g_ascii_tolower(c); });
    return out;
}

const Hash *hash_of(std::string_view fingerprint)
{
    const std::string name = lower(fingerprint.substr(0, fingerprint.find(' ')));
    const auto found = std::find_if(std::begin(kHashes), std::end(kHashes),
                                    [&](const Hash &h) { return name == h.name; });
    return found == std::end(kHashes) ? nullptr : found;
}

/// What follows the hash's name.
std::string_view bytes_of(std::string_view fingerprint)
{
    return fingerprint.substr(std::min(fingerprint.find(' '), fingerprint.size() - 1) + 1);
}

/// The certificate's own bytes; empty when the text holds none.
std::string der(const std::string &pem)
{
    const size_t begin = pem.find(kBegin);
    const size_t end = pem.find(kEnd);
    if (begin == std::string::npos || end == std::string::npos || end < begin)
        return {};
    const size_t at = begin + sizeof kBegin - 1;
    gsize size = 0;
    guchar *bytes = g_base64_decode(pem.substr(at, end - at).c_str(), &size);
    const std::string out{reinterpret_cast<char *>(bytes), size};
    g_free(bytes);
    return out;
}

std::string digest(const std::string &bytes, GChecksumType type)
{
    char *hex = g_compute_checksum_for_data(type, reinterpret_cast<const guchar *>(bytes.data()),
                                            bytes.size());
    std::string out;
    for (size_t i = 0; hex[i]; ++i)
        out += (i > 0 && i % 2 == 0 ? ":" : "") + std::string{hex[i]};
    g_free(hex);
    return out;
}

} // namespace

Fingerprint read_fingerprint(std::string_view text)
{
    const Hash *hash = hash_of(text);
    if (!hash)
        return Fingerprint::UnknownHash;
    const std::string_view bytes = bytes_of(text);
    if (bytes.size() != size_t(g_checksum_type_get_length(hash->type)) * 3 - 1)
        return Fingerprint::Malformed;
    for (size_t i = 0; i < bytes.size(); ++i)
        if (i % 3 == 2 ? bytes[i] != ':' : !g_ascii_isxdigit(bytes[i]))
            return Fingerprint::Malformed;
    return Fingerprint::Good;
}

bool is_certificate_of(const std::string &pem, const std::vector<std::string> &fingerprints)
{
    const std::string certificate = der(pem);
    return !certificate.empty() &&
           std::any_of(fingerprints.begin(), fingerprints.end(), [&](const std::string &f) {
               const Hash *hash = hash_of(f);
               return hash && lower(bytes_of(f)) == digest(certificate, hash->type);
           });
}

bool is_who_offered(GstElement *webrtcbin, const std::vector<std::string> &fingerprints)
{
    struct Seen {
        const std::vector<std::string> &fingerprints;
        unsigned good = 0, bad = 0;
    } seen{fingerprints};
    const auto look = [](const GValue *value, gpointer p) {
        char *pem = nullptr;
        g_object_get(g_value_get_object(value), "peer-pem", &pem, nullptr);
        auto &s = *static_cast<Seen *>(p);
        if (pem) // else that one has not shaken hands
            ++(is_certificate_of(pem, s.fingerprints) ? s.good : s.bad);
        g_free(pem);
    };
    GstIterator *decoders =
        gst_bin_iterate_all_by_element_factory_name(GST_BIN(webrtcbin), "dtlsdec");
    while (gst_iterator_foreach(decoders, look, &seen) == GST_ITERATOR_RESYNC)
        gst_iterator_resync(decoders);
    gst_iterator_free(decoders);
    return seen.good > 0 && seen.bad == 0;
}

} // namespace panto::webrtc
